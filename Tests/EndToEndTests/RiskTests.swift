// Who is charged, from requests at the webhook and from audit logs to reports and the page, with the built program.

import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct RiskTests {
  /// A Deployment of alice with hostNetwork, its ReplicaSet and pods, a rollout and a scale, as requests.
  private struct Sequence {
    private static let deploymentController = "system:serviceaccount:kube-system:deployment-controller"
    private static let replicaSetController = "system:serviceaccount:kube-system:replicaset-controller"
    static let events = 1 + 1 + 50 + 1 + 1 + 50 + 10

    /// One request, for the webhook and for a log.
    struct Request {
      let user: String
      let operation: String
      let kind: String
      let resource: String
      let name: String
      let object: String
      var oldObject = "null"
    }

    private static let podSpec =
      #"{"hostNetwork":true,"containers":[{"name":"c","image":"registry.example.com/api:1"}]}"#

    private static func metadata(_ name: String, owner: (kind: String, name: String)?) -> String {
      let reference = owner.map {
        #","ownerReferences":[{"apiVersion":"apps/v1","kind":"\#($0.kind)","name":"\#($0.name)","uid":"uid-\#($0.name)","#
          + #""controller":true}]"#
      }
      return #"{"name":"\#(name)","namespace":"payments","uid":"uid-\#(name)"\#(reference ?? "")}"#
    }

    private static func deployment(_ revision: Int) -> String {
      #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":\#(metadata("api", owner: nil)),"spec":{"replicas":\#(revision),"template":{"spec":\#(podSpec)}}}"#
    }

    private static func replicaSet(_ name: String) -> Request {
      Request(
        user: deploymentController,
        operation: "CREATE",
        kind: "ReplicaSet",
        resource: "replicasets",
        name: name,
        object:
          #"{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":\#(metadata(name, owner: ("Deployment", "api"))),"spec":{"template":{"spec":\#(podSpec)}}}"#
      )
    }

    private static func pods(_ numbers: Range<Int>, of replicaSet: String) -> [Request] {
      numbers.map { number in
        let name = "\(replicaSet)-\(number)"
        return Request(
          user: replicaSetController,
          operation: "CREATE",
          kind: "Pod",
          resource: "pods",
          name: name,
          object:
            #"{"apiVersion":"v1","kind":"Pod","metadata":\#(metadata(name, owner: ("ReplicaSet", replicaSet))),"spec":\#(podSpec)}"#
        )
      }
    }

    static var requests: [Request] {
      func deploymentRequest(_ operation: String, _ object: String, old: String = "null") -> Request {
        Request(
          user: "alice",
          operation: operation,
          kind: "Deployment",
          resource: "deployments",
          name: "api",
          object: object,
          oldObject: old
        )
      }
      // A scale is an update of the subresource `scale`, about a kind without pod spec, and no risk of anybody's.
      return [deploymentRequest("CREATE", deployment(1)), replicaSet("api-1")] + pods(0..<50, of: "api-1")
        + [deploymentRequest("UPDATE", deployment(2), old: deployment(1)), replicaSet("api-2")]
        + pods(0..<50, of: "api-2") + pods(50..<60, of: "api-2")
    }

    static func review(_ request: Request, _ number: Int) -> [UInt8] {
      var review = TestReview(request.object, kind: request.kind, apiVersion: request.kind == "Pod" ? "v1" : "apps/v1")
      review.uid = "review-\(number)"
      review.operation = request.operation
      review.name = request.name
      review.username = request.user
      review.oldObject = request.oldObject
      return Array(review.json.utf8)
    }

    static func auditEvent(_ request: Request, _ number: Int) -> String {
      var event = TestAuditEvent(request.object)
      event.auditID = "audit-\(number)"
      event.verb = request.operation == "CREATE" ? "create" : "update"
      event.code = request.operation == "CREATE" ? 201 : 200
      event.username = request.user
      event.resource = request.resource
      event.group = request.kind == "Pod" ? "" : "apps"
      event.name = request.name
      let seconds = String(format: "%02d:%02d", number / 60, number % 60)
      event.time = "2026-11-23T16:\(seconds).000000Z"
      return event.json
    }
  }

  /// What the ledger says: alice was charged once, nobody else, and everything is evidence against her.
  ///
  /// - Parameter rootsMax: how many requests of hers the derived objects may come from: a log that shows the rollout before
  ///   the creation does not show that the rollout put nothing there.
  private func expectAliceIsChargedOnce(_ ledger: String, rootsMax: Int = 1) async throws {
    let objects = try await Program.hostfence(["risk", "objects", "--ledger", ledger, "--output", "json"]).array()
    #expect(objects.compactMap { $0["riskObject"] as? String } == ["alice"])
    #expect(objects.compactMap { $0["score"] as? Int } == [49])
    #expect(objects.compactMap { $0["counted"] as? Int } == [1])
    #expect(objects.compactMap { $0["events"] as? Int } == [Sequence.events])
    let events = try await Program.hostfence(["risk", "events", "--ledger", ledger, "--output", "json"]).array()
    #expect(events.count == Sequence.events)
    #expect(events.count { $0["counted"] as? Bool == true } == 1)
    #expect(events.count { $0["rootActor"] as? String == "known" } == Sequence.events - 2)
    #expect((1...rootsMax).contains(Set(events.compactMap { $0["rootEvent"] as? String }).count))
    let named = try await Program.hostfence(
      ["risk", "events", "--ledger", ledger, "--user", "alice", "--output", "csv"]
    )
    #expect(named.output.split(separator: "\n").count == 1 + Sequence.events)
  }

  @Test func `at admission a Deployment, its rollout and its pods charge their author once`() async throws {
    let server = try await Server()
    for (number, request) in Sequence.requests.enumerated() {
      let verdict = try await server.verdict(Sequence.review(request, number), path: "/validate/warn")
      #expect(verdict["allowed"] as? Bool == true)
    }
    try await expectAliceIsChargedOnce(server.ledger)
  }

  @Test(arguments: [nil, 1, 2, 3] as [UInt64?])
  func `from an audit log in any order they charge their author once`(seed: UInt64?) async throws {
    let folder = try TemporaryFolder()
    var lines = Sequence.requests.enumerated().map { Sequence.auditEvent($0.element, $0.offset) }
    if let seed {
      var generator = SeededGenerator(seed: seed)
      lines.shuffle(using: &generator)
    }
    let log = try folder.write(lines.joined(separator: "\n") + "\n", to: "audit.jsonl")
    let ledger = "sqlite:\(folder.path("ledger.sqlite"))"
    for _ in 0..<2 {
      let replay = try await Program.hostfence(
        ["replay", "--mode", "warn", "--fail-on", "never", "--ledger", ledger, "--output", "json", log]
      )
      #expect(replay.status == 0, "\(replay.errors)")
    }
    try await expectAliceIsChargedOnce(ledger, rootsMax: seed == nil ? 1 : 2)
  }

  @Test func `two servers on one PostgreSQL charge their author once, and a replay adds nothing`() async throws {
    let ledger = try PostgreSQLServer.shared.get().makeDatabase()
    let servers = [try await Server(ledger: ledger), try await Server(ledger: ledger)]
    for (number, request) in Sequence.requests.enumerated() {
      let verdict = try await servers[number % 2].verdict(Sequence.review(request, number), path: "/validate/warn")
      #expect(verdict["allowed"] as? Bool == true)
    }
    try await expectAliceIsChargedOnce(ledger)
    // Delivered again, and to the other server.
    for (number, request) in Sequence.requests.enumerated() where number % 7 == 0 {
      _ = try await servers[(number + 1) % 2].verdict(Sequence.review(request, number), path: "/validate/warn")
    }
    try await expectAliceIsChargedOnce(ledger)
    for server in servers { #expect(server.terminate() == 0) }
  }

  @Test func `three workloads make one incident, in every format and for scripts, and two make none`() async throws {
    let server = try await Server()
    func create(_ name: String) async throws {
      var review = TestReview(
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)","uid":"\#(name)"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"a:1"}]}}"#
      )
      review.uid = name
      review.name = name
      _ = try await server.verdict(Array(review.json.utf8))
    }
    func incidents(_ arguments: String...) async throws -> ProcessResult {
      try await Program.hostfence(["risk", "incidents", "--ledger", server.ledger] + arguments)
    }
    try await create("one")
    try await create("two")
    #expect(try await incidents("--output", "json").array().isEmpty)
    #expect(try await incidents("--fail-on", "medium").status == 0)
    try await create("three")
    let found = try await incidents("--output", "json").array()
    #expect(found.count == 1)
    let incident = try #require(found.first)
    #expect(incident["riskObject"] as? String == "alice")
    #expect(incident["score"] as? Int == 147)
    #expect(incident["severity"] as? String == "medium")
    #expect(incident["rule"] as? String == "24 Hour Risk Threshold Exceeded")
    let evidence = try #require(incident["evidence"] as? [[String: Any]])
    #expect(evidence.compactMap { $0["name"] as? String } == ["one", "two", "three"])
    #expect(incident["since"] as? String == evidence.first?["time"] as? String)
    #expect(incident["until"] as? String == evidence.last?["time"] as? String)
    #expect(try await incidents("--fail-on", "medium").status == 1)
    #expect(try await incidents("--fail-on", "high").status == 0)
    #expect(try await incidents("--threshold", "147").output == "No incidents in this period.\n")
    #expect(try await incidents().output.contains("Pod payments/three  spec.hostNetwork"))
    #expect(try await incidents("--output", "csv").output.split(separator: "\n").count == 2)
    let (status, page) = try await server.admin("/risk.json")
    #expect(status == 200)
    let data = try #require(try JSONSerialization.jsonObject(with: Data(page.utf8)) as? [String: Any])
    #expect((data["incidents"] as? [Any])?.count == 1)
    #expect((data["totals"] as? [String: Any])?["score"] as? Int == 147)
    #expect(try await server.admin("/risk").text.contains("data-refresh=\"/risk.json\""))
  }

  @Test func `a ledger moves from a file to PostgreSQL and back, and is the same`() async throws {
    let folder = try TemporaryFolder()
    let lines = Sequence.requests.enumerated().map { Sequence.auditEvent($0.element, $0.offset) }
    let log = try folder.write(lines.reversed().joined(separator: "\n") + "\n", to: "audit.jsonl")
    let ledgers = [
      "sqlite:\(folder.path("first.sqlite"))", try PostgreSQLServer.shared.get().makeDatabase(),
      "sqlite:\(folder.path("second.sqlite"))",
    ]
    let replay = ["replay", "--mode", "warn", "--fail-on", "never", "--ledger", ledgers[0], "--output", "json", log]
    #expect(try await Program.hostfence(replay).status == 0)
    func export(_ ledger: String) async throws -> String {
      try await Program.hostfence(["risk", "export", "--ledger", ledger]).output
    }
    let exported = try await export(ledgers[0])
    #expect(exported.split(separator: "\n").count == Sequence.events)
    for (source, target) in zip(ledgers, ledgers.dropFirst()) {
      let text = try await export(source)
      for _ in 0..<2 {
        let imported = try await Program.hostfence(["risk", "import", "--ledger", target, "-"], input: text)
        #expect(imported.status == 0, "\(imported.errors)")
        #expect(imported.errors == "hostfence: the ledger has \(Sequence.events) events of these now\n")
      }
      #expect(try await export(target) == exported)
    }
    for (old, new) in [
      (#""riskScore":49"#, #""riskScore":"49""#), (#""riskScore":49"#, #""riskScore":-1"#),
      (#""riskScore":49"#, #""riskScore":9000000000000000000"#),
      (#""deduplicationSeconds":86400"#, #""deduplicationSeconds":9000000000000000000"#),
    ] {
      let edited = exported.replacing(old, with: new, maxReplacements: 1)
      #expect(edited != exported)
      let file = try folder.write(edited, to: "bad.jsonl")
      let broken = try await Program.hostfence(["risk", "import", "--ledger", ledgers[2], file])
      #expect(broken.status == 2)
      #expect(broken.errors.contains("bad.jsonl: line 1 is no risk event; hostfence risk export writes them"))
    }
  }

  @Test func `a server without a ledger, or told so, has no risk page`() async throws {
    #expect(try await Server(ledger: "none").admin("/risk").status == 404)
    #expect(try await Server(["--no-risk-page"]).admin("/risk.json").status == 404)
  }

  @Test func `events are OCSF findings on standard output and in a file, beside other formats`() async throws {
    let server = try await Server(["--event-format", "ocsf"])
    _ = try await server.verdict(try Fixtures.bytes("admission-reviews/017-create-pods-sniffer.json"))
    try await waitUntil("the event is on standard output") { try server.outputLines().count == 1 }
    let line = try #require(try server.outputLines().first)
    #expect(line["class_uid"] as? Int == 2004)
    let file = server.folder.path("findings.jsonl")
    let told = try await Program.hostfence(
      ["risk", "events", "--ledger", server.ledger, "--output", "ocsf=\(file)", "--output", "csv"]
    )
    #expect(told.status == 0, "\(told.errors)")
    #expect(told.output.split(separator: "\n").count == 2)
    let finding = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file)))
    #expect(try #require(finding as? NSDictionary) == NSDictionary(dictionary: line))
    let page = server.folder.path("page.html")
    #expect(
      try await Program.hostfence(["risk", "objects", "--ledger", server.ledger, "--output", "html=\(page)"]).status
        == 0
    )
    #expect(try String(contentsOfFile: page, encoding: .utf8).hasPrefix("<!doctype html>"))
    let twice = try await Program.hostfence(
      ["risk", "incidents", "--ledger", server.ledger, "--output", "csv=\(page)", "--output", "json=\(page)"]
    )
    #expect(twice.status == 2)
    #expect(twice.errors.contains("two reports cannot go to one file"))
    #expect(server.terminate() == 0)
  }
}

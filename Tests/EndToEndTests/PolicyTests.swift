// The policy with the built binary: three doors, time that passes, files that change.

import Foundation
import TestSupport
import Testing

@Suite struct PolicyTests {
  private static let head = "apiVersion: hostfence.dev/v1\nkind: Policy\n"

  private static func exempting(until expires: String, mode: String = "deny") -> String {
    """
    \(head)mode: \(mode)
    exemptions:
    - id: sniffer
      reason: Finds out why packets are lost.
      owner: team-network
      expires: "\(expires)"
      match:
        users: [alice]
        images: ["*netshoot*"]
    """
  }

  private func write(_ text: String, _ folder: TemporaryFolder, _ name: String = "policy.yaml") throws -> String {
    let path = folder.path(name)
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    return path
  }

  /// A moment some seconds from now, as RFC 3339.
  private func moment(in seconds: TimeInterval) -> String {
    Date().addingTimeInterval(seconds).formatted(.iso8601)
  }

  private let review = Result { try Fixtures.bytes("admission-reviews/017-create-pods-sniffer.json") }

  @Test func `one policy and one object get the same decision, exemption and revision at three doors`() async throws {
    let folder = try TemporaryFolder()
    let policy = try write(Self.exempting(until: "2100-01-01"), folder)
    let file = try write(String(decoding: try review.get(), as: UTF8.self), folder, "review.json")
    let server = try await Server(["--policy", policy])
    let answer = try await server.verdict(try review.get(), path: "/validate")
    #expect(answer["allowed"] as? Bool == true)
    let annotations = try #require(answer["auditAnnotations"] as? [String: String])
    #expect(annotations["rule"] == "exemption")
    #expect(annotations["exemption"] == "sniffer")
    let revision = try #require(annotations["policy-revision"])
    #expect(revision.count == 12)
    let event = try #require(try await server.events().first)
    #expect(event["exemption"] as? String == "sniffer")
    #expect(event["policyRevision"] as? String == revision)
    #expect(event["riskScore"] as? Int == 0)
    #expect(event["counted"] as? Bool == false)

    let check = try await Program.hostfence(["check", "--policy", policy, "--output", "json", file])
    #expect(check.status == 0)
    let finding = try #require((try check.object()["findings"] as? [[String: Any]])?.first)
    let log = Fixtures.root.appending(path: "audit-log/audit.jsonl").path
    let replay = try await Program.hostfence([
      "replay", "--policy", policy, "--output", "json", "--unjudged", "warn", log,
    ])
    let findings = try #require(try replay.object()["findings"] as? [[String: Any]])
    let replayed = try #require(
      findings.first { $0["name"] as? String == "sniffer" && $0["verb"] as? String == "create" }
    )
    let attachment = try #require((replayed["attachments"] as? [[String: Any]])?.first)
    for (name, found) in [("check", finding), ("replay", replayed)] {
      #expect(found["exemption"] as? String == "sniffer", "\(name)")
      #expect(found["policyRevision"] as? String == revision, "\(name)")
      #expect(found["rule"] as? String == "exemption", "\(name)")
    }
    #expect(finding["decision"] as? String == "allow")
    #expect(replayed["verdict"] as? String == "allow")
    #expect(attachment["reason"] as? String == finding["message"] as? String)
  }

  @Test func `an exemption that expires between two requests stops working without a reload`() async throws {
    let folder = try TemporaryFolder()
    let bytes = try review.get()
    let file = try write(String(decoding: bytes, as: UTF8.self), folder, "review.json")
    // A machine may be so busy that the time is over before the first request: then once more, with twice the time.
    for seconds in [6.0, 12, 24, 48] {
      let expires = moment(in: seconds)
      let policy = try write(Self.exempting(until: expires), folder, "policy-\(seconds).yaml")
      let server = try await Server(["--policy", policy, "--ledger", "none"], folder: folder)
      let before = try await server.verdict(bytes, path: "/validate")["allowed"] as? Bool
      let checked = try await Program.hostfence(["check", "--policy", policy, file]).status
      guard moment(in: 0) < expires else { continue }
      #expect(before == true)
      #expect(checked == 0)
      try await expectExpiry(of: policy, at: expires, server, bytes, file)
      return
    }
    Issue.record("the machine is too busy for 48 seconds to pass between two requests")
  }

  private func expectExpiry(
    of policy: String,
    at expires: String,
    _ server: Server,
    _ bytes: [UInt8],
    _ file: String
  ) async throws {
    try await waitUntil("the exemption has expired") {
      try await server.verdict(bytes, path: "/validate")["allowed"] as? Bool == false
    }
    #expect(moment(in: 0) >= expires)
    #expect(try await server.metrics().contains("hostfence_policy_generation 1\n"))
    #expect(try await server.metrics().contains(#"hostfence_policy_exemptions{state="expired"} 1"#))
    let check = try await Program.hostfence(["check", "--policy", policy, file])
    #expect(check.status == 1)
    #expect(check.errors.contains("note: the exemption sniffer has expired"))
    // The same, whenever it is asked, as of a moment before.
    #expect(
      try await Program.hostfence(["check", "--policy", policy, "--at", "2026-01-01T00:00:00Z", file]).status == 0
    )
  }

  @Test func `in a replay an exemption ends by the events' own time`() async throws {
    let folder = try TemporaryFolder()
    var events: [String] = []
    for (name, time) in [("before", "2026-11-23T16:59:59.999999Z"), ("after", "2026-11-23T17:00:00.000000Z")] {
      var event = TestAuditEvent(
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"netshoot:1"}]}}"#
      )
      event.auditID = name
      event.name = name
      event.time = time
      events.append(event.json)
    }
    let log = try write(events.joined(separator: "\n") + "\n", folder, "audit.log")
    let policy = try write(Self.exempting(until: "2026-11-23T17:00:00Z"), folder)
    let replay = try await Program.hostfence(["replay", "--policy", policy, "--output", "json", log])
    #expect(replay.status == 1)
    let findings = try #require(try replay.object()["findings"] as? [[String: Any]])
    #expect(findings.map { $0["verdict"] as? String } == ["allow", "deny"])
    #expect(replay.errors.contains("Exemption sniffer freed 1 attachment."))
    #expect(replay.errors.contains("With the policy "))
  }

  @Test func `a changed policy is taken as a whole, and a bad one leaves the one before`() async throws {
    let folder = try TemporaryFolder()
    let policy = try write(Self.head + "mode: warn\n", folder)
    let server = try await Server(["--policy", policy, "--ledger", "none"])
    let bytes = try review.get()
    func isAllowed() async throws -> Bool {
      try await server.verdict(bytes, path: "/validate")["allowed"] as? Bool ?? false
    }
    #expect(try await isAllowed())
    _ = try write(Self.head + "mode: deny\n", folder)
    try await waitUntil("deny is in force") { try await !isAllowed() }
    #expect(try await server.metrics().contains("hostfence_policy_generation 2\n"))
    #expect(try await server.ready().status == 200)

    _ = try write(Self.head + "mode: aloud\nexemptons: 3\n", folder)
    try await waitUntil("the bad file is noticed") {
      try await server.metrics().contains(#"hostfence_policy_reloads_total{outcome="failure"} 1"#)
    }
    #expect(try await !isAllowed())
    let ready = try await server.ready()
    #expect(ready.status == 200)
    #expect(ready.text.contains("the policy's files changed and cannot be used"))
    #expect(ready.text.contains("policy.yaml:3:1: mode must be one of off, audit, warn, deny, not \"aloud\""))
    #expect(server.errors.contains("the new policy is not used, the one before stays"))
    #expect(server.errors.contains("did you mean exemptions?"))

    _ = try write(Self.head + "mode: audit\n", folder)
    try await waitUntil("audit is in force") { try await isAllowed() }
    #expect(try await !server.ready().text.contains("policy's files"))
    #expect(server.terminate() == 0)
  }

  @Test func `a mounted ConfigMap is swapped like kubelet swaps it`() async throws {
    let folder = try TemporaryFolder()
    let mount = folder.url.appending(path: "mount")
    let manager = FileManager.default
    func revision(_ name: String, _ mode: String) throws {
      let data = mount.appending(path: name)
      try manager.createDirectory(at: data, withIntermediateDirectories: true)
      try Data("\(Self.head)mode: \(mode)\n".utf8).write(to: data.appending(path: "policy.yaml"))
      let link = mount.appending(path: "..data_tmp").path
      try manager.createSymbolicLink(atPath: link, withDestinationPath: name)
      #expect(rename(link, mount.appending(path: "..data").path) == 0)
    }
    try revision("..2026_11_25_1", "warn")
    try manager.createSymbolicLink(
      atPath: mount.appending(path: "policy.yaml").path,
      withDestinationPath: "..data/policy.yaml"
    )
    let server = try await Server(["--policy", mount.path, "--ledger", "none"])
    let bytes = try review.get()
    #expect(try await server.verdict(bytes, path: "/validate")["allowed"] as? Bool == true)
    try revision("..2026_11_25_2", "deny")
    try await waitUntil("the new ConfigMap is in force") {
      try await server.verdict(bytes, path: "/validate")["allowed"] as? Bool == false
    }
  }

  @Test func `no command starts with a policy that cannot be used`() async throws {
    let folder = try TemporaryFolder()
    let policy = try write(Self.head + "mode: aloud\n", folder)
    for command in [
      ["check", "--policy", policy, policy], ["replay", "--policy", policy, policy],
      ["policy", "explain", "--policy", policy, policy], ["policy", "check", policy],
      ["serve", "--policy", policy, "--tls-cert", "none", "--tls-key", "none"],
    ] {
      let result = try await Program.hostfence(command)
      #expect(result.status == 2, "\(command)")
      #expect((result.errors + result.output).contains("policy.yaml:3:1: error: mode must be one of"), "\(command)")
    }
  }

  @Test func `suggested exemptions, completed by a person, free what they say and nothing else`() async throws {
    let folder = try TemporaryFolder()
    let log = Fixtures.root.appending(path: "audit-log/audit.jsonl").path
    let suggested = try await Program.hostfence(
      ["replay", "--mode", "deny", "--suggest-exemptions", "--unjudged", "warn", "--fail-on", "never", log]
    )
    #expect(suggested.status == 0)
    let raw = try write(suggested.output, folder, "suggested.yaml")
    let refused = try await Program.hostfence(["policy", "check", raw])
    #expect(refused.status == 2)
    #expect(refused.output.contains("is a placeholder"))
    let completed = suggested.output.replacing(#/"<[^>]*>"/#, with: "because")
    let policy = try write(completed + "mode: deny\n", folder)
    #expect(try await Program.hostfence(["policy", "check", policy]).status == 0)
    let evidence = suggested.output.matches(of: #/Evidence: (\d+) attachment/#).compactMap { Int($0.1) }
    #expect(!evidence.isEmpty)
    let replay = try await Program.hostfence(
      ["replay", "--policy", policy, "--output", "json", "--unjudged", "warn", "--fail-on", "never", log]
    )
    let summary = try #require(try replay.object()["summary"] as? [String: Any])
    let uses = try #require(summary["exemptions"] as? [[String: Any]])
    #expect(uses.compactMap { $0["freed"] as? Int } == evidence)
    let before = try await Program.hostfence(
      ["replay", "--mode", "deny", "--output", "json", "--unjudged", "warn", "--fail-on", "never", log]
    )
    let denied = { (result: ProcessResult) throws -> Set<String> in
      let findings = try #require(try result.object()["findings"] as? [[String: Any]])
      return Set(findings.filter { $0["exemption"] == nil }.compactMap { $0["auditID"] as? String })
    }
    let freed = try denied(before).subtracting(try denied(replay))
    #expect(freed.count == evidence.reduce(0, +))
  }

  @Test func `a user whose risk adds up is denied, also by a server that was started anew`() async throws {
    let folder = try TemporaryFolder()
    let policy = try write(Self.head + "mode: warn\nrisk: {escalation: {above: 100}}\n", folder)
    var server = try await Server(["--policy", policy], folder: folder)
    for name in ["one", "two", "three"] {
      #expect(try await server.verdict(try escalating(name), path: "/validate")["allowed"] as? Bool == true, "\(name)")
    }
    try await waitUntil("the risk of alice is known") {
      try await server.verdict(try escalating("four"), path: "/validate")["allowed"] as? Bool == false
    }
    #expect(server.terminate() == 0)
    server = try await Server(["--policy", policy], folder: folder)
    let answer = try await server.verdict(try escalating("five"), path: "/validate")
    #expect(answer["allowed"] as? Bool == false)
    #expect((answer["auditAnnotations"] as? [String: String])?["rule"] == "escalation")
    let message = (answer["status"] as? [String: Any])?["message"] as? String
    #expect(message?.contains("the requester's risk is above the policy's threshold") ?? false)
  }

  @Test func `a user whose risk adds up at one server is denied by another on the same ledger`() async throws {
    let folder = try TemporaryFolder()
    let policy = try write(Self.head + "mode: warn\nrisk: {escalation: {above: 100}}\n", folder)
    let ledger = try PostgreSQLServer.shared.get().makeDatabase()
    let servers = [
      try await Server(["--policy", policy], ledger: ledger), try await Server(["--policy", policy], ledger: ledger),
    ]
    for name in ["one", "two", "three"] {
      #expect(try await servers[0].verdict(try escalating(name), path: "/validate")["allowed"] as? Bool == true)
    }
    var number = 0
    try await waitUntil("the other server knows of the risk of alice") {
      number += 1
      return try await servers[1].verdict(try escalating("four-\(number)"), path: "/validate")["allowed"] as? Bool
        == false
    }
    for server in servers { #expect(server.terminate() == 0) }
  }

  /// A request of alice for a pod of this name, unlike any other.
  private func escalating(_ name: String) throws -> [UInt8] {
    let text = String(decoding: try review.get(), as: UTF8.self)
    return Array(text.replacing(#/"uid":"[^"]*"/#, with: "\"uid\":\"\(name)\"").replacing("sniffer", with: name).utf8)
  }
}

// What the reports of `hostfence risk` choose, with the built program.

import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct RiskReportTests {
  private static let deploymentController = "system:serviceaccount:kube-system:deployment-controller"
  private static let replicaSetController = "system:serviceaccount:kube-system:replicaset-controller"
  private static let podSpec = #"{"hostNetwork":true,"containers":[{"name":"c","image":"registry.example.com/web:1"}]}"#

  /// The event of a create; without a uid it was refused, as there is one of that name.
  private func create(
    _ kind: String,
    _ name: String,
    namespace: String = "shop",
    by user: String,
    at minute: Int,
    uid: String?,
    owner: (kind: String, name: String)? = nil
  ) -> String {
    let reference = owner.map {
      #","ownerReferences":[{"apiVersion":"apps/v1","kind":"\#($0.kind)","name":"\#($0.name)","uid":"uid-\#($0.name)","#
        + #""controller":true}]"#
    }
    func object(_ uid: String) -> String {
      let metadata = #"{"name":"\#(name)","namespace":"\#(namespace)"\#(uid)\#(reference ?? "")}"#
      let spec = kind == "Pod" ? Self.podSpec : #"{"template":{"spec":\#(Self.podSpec)}}"#
      return
        #"{"apiVersion":"\#(kind == "Pod" ? "v1" : "apps/v1")","kind":"\#(kind)","metadata":\#(metadata),"spec":\#(spec)}"#
    }
    var event = TestAuditEvent(object(""))
    event.auditID = "\(kind)-\(name)-\(minute)"
    event.username = user
    event.resource = kind.lowercased() + "s"
    event.group = kind == "Pod" ? "" : "apps"
    event.namespace = namespace
    event.name = name
    event.time = "2026-11-23T16:\(String(format: "%02d", minute)):00.000000Z"
    if let uid {
      event.responseObject = object(#","uid":"\#(uid)""#)
    } else {
      event.code = 409
      event.responseObject = #"{"kind":"Status","apiVersion":"v1","status":"Failure","code":409}"#
    }
    return event.json
  }

  /// A Deployment, its ReplicaSet a minute later and a pod another minute later.
  private func workload(_ name: String, namespace: String = "shop", by user: String, at minute: Int) -> [String] {
    let controllers = (Self.deploymentController, Self.replicaSetController)
    return [
      create("Deployment", name, namespace: namespace, by: user, at: minute, uid: "uid-\(name)"),
      create(
        "ReplicaSet",
        "\(name)-1",
        namespace: namespace,
        by: controllers.0,
        at: minute + 1,
        uid: "uid-\(name)-1",
        owner: ("Deployment", name)
      ),
      create(
        "Pod",
        "\(name)-1-x",
        namespace: namespace,
        by: controllers.1,
        at: minute + 2,
        uid: "uid-\(name)-1-x",
        owner: ("ReplicaSet", "\(name)-1")
      ),
    ]
  }

  /// A ledger with what a replay of a log records.
  private func ledger(_ lines: [String], in folder: TemporaryFolder) async throws -> String {
    let log = try folder.write(lines.joined(separator: "\n") + "\n", to: "audit.jsonl")
    let ledger = "sqlite:\(folder.path("ledger.sqlite"))"
    let replay = try await Program.hostfence([
      "replay", "--mode", "warn", "--fail-on", "never", "--ledger", ledger, "--output", "json", log,
    ])
    #expect(replay.status == 0, "\(replay.errors)")
    return ledger
  }

  private func risk(_ ledger: String, _ arguments: String...) async throws -> ProcessResult {
    try await Program.hostfence(["risk"] + arguments + ["--ledger", ledger])
  }

  @Test func `whoever was refused is not charged with what others made under that name`() async throws {
    let folder = try TemporaryFolder()
    var lines = workload("web", by: "bob", at: 10)
    lines.insert(
      create("Deployment", "web", by: "alice", at: 10, uid: nil).replacing("16:10:00", with: "16:10:30"),
      at: 1
    )
    let ledger = try await ledger(lines, in: folder)
    let events = try await risk(ledger, "events", "--output", "json").array()
    #expect(events.compactMap { $0["riskObject"] as? String } == ["bob", "alice", "bob", "bob"])
    #expect(events.compactMap { $0["stored"] as? Bool } == [true, false, true, true])
    #expect(events.compactMap { $0["counted"] as? Bool } == [true, true, false, false])
  }

  @Test func `the evidence of an incident is of its namespace, and goes on after its last charge`() async throws {
    let folder = try TemporaryFolder()
    let ledger = try await ledger(
      workload("one", by: "alice", at: 0) + workload("two", namespace: "bank", by: "alice", at: 10)
        + workload("three", by: "alice", at: 20) + workload("four", by: "alice", at: 30),
      in: folder
    )
    func names(_ incident: [String: Any]) -> [String] {
      (incident["evidence"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    }
    let all = try #require(try await risk(ledger, "incidents", "--output", "json").array().first)
    #expect(all["events"] as? Int == 12)
    #expect(names(all).suffix(3) == ["four", "four-1", "four-1-x"])
    let shop = ["incidents", "--namespace", "shop", "--output"]
    let found = try #require(try await Program.hostfence(["risk"] + shop + ["json", "--ledger", ledger]).array().first)
    #expect(found["events"] as? Int == 9)
    #expect(found["evidenceLeftOut"] as? Int == 0)
    #expect(found["namespaces"] as? [String] == ["shop"])
    #expect(names(found) == ["one", "three", "four"].flatMap { [$0, "\($0)-1", "\($0)-1-x"] })
    let text = try await risk(ledger, "incidents", "--namespace", "shop").output
    #expect(
      text.contains("3 charges from 2026-11-23T16:00:00Z to 2026-11-23T16:30:00Z, 9 events with what was derived\n")
    )
    #expect(!text.contains("bank"))
    #expect(!(try await risk(ledger, "incidents", "--namespace", "shop", "--output", "csv").output.contains("bank")))
    #expect(!(try await risk(ledger, "incidents", "--namespace", "shop", "--output", "html").output.contains("bank")))
  }

  @Test func `events are chosen by whether they count`() async throws {
    let folder = try TemporaryFolder()
    let ledger = try await ledger(workload("one", by: "alice", at: 0), in: folder)
    func names(_ arguments: String...) async throws -> [String] {
      try await Program.hostfence(["risk", "events", "--ledger", ledger, "--output", "json"] + arguments).array()
        .compactMap { $0["name"] as? String }
    }
    #expect(try await names("--counted", "yes") == ["one"])
    #expect(try await names("--counted", "no") == ["one-1", "one-1-x"])
    #expect(try await names("--counted", "no", "--limit", "1") == ["one-1"])
    #expect(try await names() == ["one", "one-1", "one-1-x"])
    #expect(try await risk(ledger, "events", "--counted", "perhaps").status == 2)
  }

  @Test(arguments: [
    ["events", "--limit", "1"], ["events", "--decision", "warn"], ["events", "--counted", "no"],
    ["objects", "--limit", "1"],
  ])
  func `what the page cannot heed is refused beside it`(arguments: [String]) async throws {
    let folder = try TemporaryFolder()
    let ledger = try await ledger(workload("one", by: "alice", at: 0), in: folder)
    let page = ["--output", "html=\(folder.path("page.html"))", "--ledger", ledger]
    let refused = try await Program.hostfence(["risk"] + arguments + page)
    #expect(refused.status == 2)
    #expect(refused.errors.contains("\(arguments[1]) does not go with --output html"))
    #expect(try await Program.hostfence(["risk", arguments[0]] + page).status == 0)
    #expect(try await Program.hostfence(["risk"] + arguments + ["--output", "csv", "--ledger", ledger]).status == 0)
  }

  @Test func `a part of a ledger keeps who is charged when it moves`() async throws {
    let folder = try TemporaryFolder()
    let source = try await ledger(workload("one", by: "alice", at: 0), in: folder)
    let part = try await risk(source, "export", "--since", "2026-11-23T16:01:00Z").output
    #expect(part.split(separator: "\n").count == 2)
    let target = try PostgreSQLServer.shared.get().makeDatabase()
    for _ in 0..<2 {
      #expect(try await Program.hostfence(["risk", "import", "--ledger", target, "-"], input: part).status == 0)
      #expect(try await risk(target, "export").output == part)
    }
    let objects = try await risk(target, "objects", "--output", "json").array()
    #expect(objects.compactMap { $0["riskObject"] as? String } == ["alice"])
    #expect(objects.compactMap { $0["score"] as? Int } == [0])
  }
}

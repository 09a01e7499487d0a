// `hostfence serve --audit-webhook`: the API server's audit events, live.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct ServedAuditTests {
  private func list(_ events: [String]) -> [UInt8] {
    Array(
      (#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":["#
        + events.joined(separator: ",") + "]}").utf8
    )
  }

  private func event(_ id: String, name: String = "web") -> String {
    var event = TestAuditEvent(
      #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"\#(name)","namespace":"payments"},"#
        + #""spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i"}]}}"#
    )
    event.auditID = id
    event.name = name
    return event.json
  }

  @Test func `the recorded log is judged batch by batch as replay judges it as a whole`() async throws {
    let lines = try RecordedAuditLog.lines()
    let server = try await Server(["--audit-webhook", "--mode", "audit"])
    for start in stride(from: 0, to: lines.count, by: 40) {
      let batch = Array(lines[start..<min(start + 40, lines.count)])
      let (code, body) = try await server.post(list(batch), path: "/audit")
      #expect(code == 200, "\(body)")
    }
    let live = try await server.events()
    let replayed = try await Program.hostfence(
      [
        "replay", Fixtures.root.appending(path: "audit-log/audit.jsonl").path, "--mode", "audit", "--unjudged", "warn",
        "--ledger", "sqlite:\(server.folder.path("replayed.sqlite"))",
      ]
    )
    #expect(replayed.status == 0, "\(replayed.errors)")
    let listed = try await Program.hostfence(
      ["risk", "events", "--ledger", "sqlite:\(server.folder.path("replayed.sqlite"))", "--output", "json"]
    )
    let whole = try listed.array()
    #expect(!whole.isEmpty)
    #expect(live as NSArray == whole as NSArray)
  }

  @Test func `the path is there with the flag only, and the open door is warned about`() async throws {
    let closed = try await Server(["--ledger", "none"])
    #expect(try await closed.post(list([event("1")]), path: "/audit").code == 404)
    #expect(!closed.errors.contains("risk events"))
    let open = try await Server(["--ledger", "none", "--audit-webhook"])
    #expect(open.errors.contains("--client-ca"))
    #expect(try await open.post(list([event("1")]), path: "/audit?timeout=30s").code == 200)
    #expect(try await open.post(Array("{}".utf8), path: "/audit").code == 400)
    let guarded = try await Server(
      ["--ledger", "none", "--audit-webhook", "--client-ca", open.certificateAuthority]
    )
    #expect(!guarded.errors.contains("anybody"))
  }

  @Test func `a changed policy judges the audit events that come after it`() async throws {
    let folder = try TemporaryFolder()
    let policy = URL(filePath: folder.path("policy.yaml"))
    func write(_ mode: String) throws {
      try Data("apiVersion: hostfence.dev/v1\nkind: Policy\nmode: \(mode)\n".utf8).write(to: policy, options: .atomic)
    }
    try write("audit")
    let server = try await Server(["--audit-webhook", "--policy", policy.path], folder: folder)
    #expect(try await server.post(list([event("1", name: "before")]), path: "/audit").code == 200)
    try write("deny")
    for _ in 0..<300 {
      if try await server.metrics().contains("hostfence_policy_generation 2\n") { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(try await server.post(list([event("2", name: "after")]), path: "/audit").code == 200)
    let events = try await server.events()
    #expect(events.map { $0["decision"] as? String } == ["allow", "deny"])
    #expect(Set(events.compactMap { $0["policyRevision"] as? String }).count == 2)
  }

  @Test func `metrics tell what was judged`() async throws {
    let server = try await Server(["--audit-webhook", "--mode", "deny"])
    var unjudged = TestAuditEvent()
    unjudged.level = "Metadata"
    unjudged.auditID = "2"
    let batch = list([event("1"), unjudged.json])
    for _ in 0..<2 { #expect(try await server.post(batch, path: "/audit").code == 200) }
    let metrics = try await Program.run("/usr/bin/curl", ["-s", "http://127.0.0.1:\(server.adminPort)/metrics"]).output
    for sample in [
      #"hostfence_audit_batches_total{code="200"} 2"#, "hostfence_audit_events_total 4",
      "hostfence_audit_duplicates_total 2", #"hostfence_audit_findings_total{verdict="deny"} 1"#,
      #"hostfence_audit_unjudged_writes_total{reason="metadataLevel"} 1"#, "hostfence_audit_queue_bytes 0",
    ] {
      #expect(metrics.contains("\n\(sample)\n"), "\(metrics)")
    }
    #expect(try await server.events().count == 1)
  }

  @Test func `kill -9 loses no acknowledged batch and doubles none`() async throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 31)
    var acknowledged: [String] = []
    for round in 0..<10 {
      let server = try await Server(["--audit-webhook"], folder: folder)
      let posting = Task {
        var done: [String] = []
        for batch in 0..<1_000 {
          let ids = (0..<5).map { "\(round)-\(batch)-\($0)" }
          // After the kill there is nobody to answer.
          guard let answer = try? await server.post(list(ids.map { event($0, name: $0) }), path: "/audit"),
            answer.code == 200
          else { break }
          done += ids
        }
        return done
      }
      let enough = Int.random(in: 5...60, using: &generator)
      for _ in 0..<1_000 {
        let output = try String(contentsOfFile: folder.path("stdout"), encoding: .utf8)
        if output.matches(of: try Regex("\"requestUID\":\"\(round)-")).count >= enough { break }
        try await Task.sleep(for: .milliseconds(5))
      }
      server.kill()
      acknowledged += await posting.value
    }
    let server = try await Server(folder: folder)
    let recorded = try await server.events().compactMap { $0["requestUID"] as? String }
    #expect(Set(recorded).count == recorded.count)
    #expect(!acknowledged.isEmpty)
    #expect(Set(acknowledged).isSubset(of: recorded))
  }

  @Test func `a ledger that cannot be written is answered with 503, and the batch is taken when it can`() async throws {
    let server = try await Server(["--audit-webhook"])
    for name in try FileManager.default.contentsOfDirectory(atPath: server.folder.url.path)
    where name.hasPrefix("ledger") {
      try FileManager.default.removeItem(atPath: server.folder.path(name))
    }
    // A folder in its place keeps the ledger from making a new file.
    try FileManager.default.createDirectory(
      atPath: server.folder.path("ledger.sqlite"),
      withIntermediateDirectories: false
    )
    let headers = ["-H", "Content-Type: application/json", "-i"]
    let refused = try await server.post(list([event("1")]), path: "/audit", curl: headers)
    #expect(refused.code == 503)
    #expect(refused.body.contains("Retry-After: 1"))
    try FileManager.default.removeItem(atPath: server.folder.path("ledger.sqlite"))
    #expect(try await server.post(list([event("1")]), path: "/audit").code == 200)
    #expect(try await server.events().count == 1)
    #expect(server.terminate() == 0)
    #expect(!server.errors.contains("not in the ledger"))
  }
}

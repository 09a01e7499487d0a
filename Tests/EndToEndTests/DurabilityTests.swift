// What was answered is in the ledger, whatever happens to the server in between.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct DurabilityTests {
  private func template() throws -> String {
    let text = try Fixtures.text("admission-reviews/017-create-pods-sniffer.json")
    return text.replacing("1f930cf0-3cdd-4db2-b38d-c8c70df1545d", with: "UID")
  }

  @Test func `kill -9 under load loses no answered review and doubles none`() async throws {
    let folder = try TemporaryFolder()
    let template = try template()
    var generator = SeededGenerator(seed: 29)
    var answered: [String] = []
    for round in 0..<20 {
      let server = try await Server(["--mode", "deny"], folder: folder)
      let client = try LoadClient(server: server, prefix: "round-\(round)", template: template)
      try await client.start(server: server, connections: 8)
      // Killed after a random number of answers, so that every phase of a commit is hit sooner or later.
      let enough = Int.random(in: 1...300, using: &generator)
      for _ in 0..<2_000 where client.answeredCount < enough { try await Task.sleep(for: .milliseconds(2)) }
      server.kill()
      let tally = try await client.stop()
      #expect(tally.wrong == [])
      #expect(tally.answered.count >= 1, "round \(round) answered nothing")
      answered += tally.answered
    }
    let server = try await Server(folder: folder)
    let recorded = try await server.events().compactMap { $0["requestUID"] as? String }
    #expect(Set(recorded).count == recorded.count, "an event is in the ledger twice")
    let lost = Set(answered).subtracting(recorded)
    #expect(lost.isEmpty, "\(lost.count) of \(answered.count) answered reviews are not in the ledger")
    #expect(Set(answered).count == answered.count)
  }

  @Test func `SIGTERM under load leaves no request without an answer, ends with 0 and has all answers in the ledger`()
    async throws
  {
    let folder = try TemporaryFolder()
    let template = try template()
    var generator = SeededGenerator(seed: 31)
    var answered: [String] = []
    for round in 0..<10 {
      let server = try await Server(["--mode", "deny"], folder: folder)
      let client = try LoadClient(server: server, prefix: "end-\(round)", template: template)
      try await client.start(server: server, connections: 16)
      let enough = Int.random(in: 16...300, using: &generator)
      for _ in 0..<2_000 where client.answeredCount < enough { try await Task.sleep(for: .milliseconds(2)) }
      let begin = ContinuousClock.now
      #expect(await server.terminated() == 0)
      #expect(ContinuousClock.now - begin < .seconds(30), "within the deadline that Kubernetes gives")
      let tally = try await client.stop()
      #expect(tally.wrong == [])
      #expect(tally.unanswered == [], "round \(round)")
      #expect(tally.answered.count >= enough)
      answered += tally.answered
    }
    let server = try await Server(folder: folder)
    let recorded = try await server.events().compactMap { $0["requestUID"] as? String }
    #expect(recorded.sorted() == answered.sorted(), "what is in the ledger was answered, and the other way round")
  }

  @Test func `connections that only the kernel has taken are answered before the end`() async throws {
    let template = try template()
    for round in 0..<5 {
      let server = try await Server(["--ledger", "none"])
      let client = try LoadClient(server: server, prefix: "queued-\(round)", template: template, asksOnce: true)
      server.pause()
      try await client.start(server: server, connections: 100)
      #expect(await server.terminated() == 0)
      let tally = try await client.stop()
      #expect(tally.unanswered == [], "round \(round)")
      #expect(tally.answered.count >= 100)
    }
  }

  @Test(arguments: [("admit", true), ("refuse", false)])
  func `when the ledger cannot be written the event is on standard error and the setting decides`(
    setting: String,
    isAdmitted: Bool
  ) async throws {
    let folder = try TemporaryFolder()
    let server = try await Server(["--on-ledger-failure", setting], folder: folder)
    let bytes = try Fixtures.bytes("admission-reviews/017-create-pods-sniffer.json")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.path) where name.hasPrefix("ledger") {
      try FileManager.default.removeItem(atPath: folder.path(name))
    }
    // A folder in its place keeps the ledger from making a new file.
    try FileManager.default.createDirectory(atPath: folder.path("ledger.sqlite"), withIntermediateDirectories: false)
    let warn = try await server.post(bytes, path: "/validate/warn")
    #expect(warn.code == (isAdmitted ? 200 : 500), "\(warn.body)")
    let deny = try await server.post(bytes, path: "/validate/deny")
    #expect(deny.code == 200)
    #expect(deny.body.contains("\"allowed\":false"))
    // Lines are gathered for some milliseconds before they are written.
    var lines: [Substring] = []
    for _ in 0..<100 where lines.count < 2 {
      lines = server.errors.split(separator: "\n").filter { $0.hasPrefix("{") }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(lines.count == 2)
    for line in lines {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let event = try #require(object["riskEvent"] as? [String: Any])
      #expect(event["riskObject"] as? String == "alice")
    }
    let ready = try await Program.run("/usr/bin/curl", ["-s", "http://127.0.0.1:\(server.adminPort)/readyz"])
    #expect(ready.output.contains("risk ledger"))
    try FileManager.default.removeItem(atPath: folder.path("ledger.sqlite"))
    for _ in 0..<100 {
      if try await Program.run("/usr/bin/curl", ["-s", "http://127.0.0.1:\(server.adminPort)/readyz"]).output == "ok\n"
      {
        break
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(try await server.post(bytes, path: "/validate/warn").code == 200)
    #expect(try await server.events().count == 1)
    // A ledger that was deleted to make room gives the room back.
    #expect(try server.openFiles().filter { $0.hasSuffix("(deleted)") } == [])
  }
}

// `hostfence replay` as a user runs it: exit codes, inputs, formats, ledger, coverage.

import Foundation
import TestSupport
import Testing

@Suite struct ReplayTests {
  private static let log = Fixtures.root.appending(path: "audit-log/audit.jsonl").path

  /// Events of a log at level RequestResponse, of which one attaches a pod.
  private func log(_ events: [TestAuditEvent]) -> String {
    events.enumerated().map { number, event in
      var event = event
      event.auditID = "00000000-0000-0000-0000-00000000000\(number)"
      return event.json + "\n"
    }
    .joined()
  }

  private static let attached =
    #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i"}]}}"#
  private static let plain =
    #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web"},"spec":{"containers":[{"name":"c","image":"i"}]}}"#

  private func findings(_ result: ProcessResult) throws -> [[String: Any]] {
    try #require(try result.object()["findings"] as? [[String: Any]])
  }

  @Test func `the recorded log has its findings, and what could not be judged makes it exit code 2`() async throws {
    let result = try await Program.hostfence(["replay", Self.log, "--mode", "deny", "--output", "json"])
    #expect(result.status == 2)
    let findings = try findings(result)
    #expect(findings.count == 19)
    #expect(findings.count { $0["verdict"] as? String == "deny" } == 13)
    #expect(findings.first?["line"] as? Int == 181)
    #expect(findings.first?["user"] as? String == "alice")
    #expect(findings.first?["name"] as? String == "sniffer")
    #expect(findings.count { $0["outcome"] as? String == "dry-run" } == 1)
    #expect(result.errors.contains("podtemplates"))
    #expect(result.errors.contains("level: Request"))
    let forgiven = try await Program.hostfence(["replay", Self.log, "--mode", "deny", "--unjudged", "warn"])
    #expect(forgiven.status == 1)
    let warned = try await Program.hostfence(["replay", Self.log, "--unjudged", "warn"])
    #expect(warned.status == 0)
  }

  @Test func `exit codes tell nothing found, something denied, and nothing that could be judged`() async throws {
    var metadata = TestAuditEvent()
    metadata.level = "Metadata"
    for (events, status) in [
      ([TestAuditEvent(Self.plain)], Int32(0)), ([TestAuditEvent(Self.attached)], 1), ([metadata], 2),
      ([TestAuditEvent(Self.attached), metadata], 2),
    ] {
      let result = try await Program.hostfence(["replay", "-", "--mode", "deny"], input: log(events))
      #expect(result.status == status, "\(result.errors)")
    }
    let blind = try await Program.hostfence(["replay", "-"], input: log([metadata]))
    #expect(blind.status == 2)
    #expect(blind.errors.contains("not a clean bill"))
    for output in [["csv"], ["jsonl"]] {
      let result = try await Program.hostfence(["replay", "-", "--output"] + output, input: log([metadata]))
      #expect(result.status == 2)
    }
  }

  @Test(arguments: [
    ["replay"], ["replay", "-", "--mode", "maybe"], ["replay", "-", "--since", "yesterday"],
    ["replay", "-", "--output", "pdf"], ["replay", "-", "--output", "csv", "--output", "json"],
    ["replay", "-", "--shard", "3/2"], ["replay", "-", "--compare", "--semantics", "splunk"],
    ["replay", "-", "--max-line-bytes", "10"], ["replay", "-", "--ledger", "postgres://u:secret@h/d"],
    ["replay", "-", "--since", "2026-01-02T00:00:00Z", "--until", "2026-01-01T00:00:00Z"],
  ])
  func `wrong usage ends with 2 and says why, without secrets`(arguments: [String]) async throws {
    let result = try await Program.hostfence(arguments, input: "")
    #expect(result.status == 2)
    #expect(!result.errors.isEmpty)
    #expect(!result.errors.contains("secret"))
    #expect(result.output.isEmpty)
  }

  @Test func `a file that is missing, damaged or no log is named and ends with 2`() async throws {
    let folder = try TemporaryFolder()
    let good = try folder.write(log([TestAuditEvent(Self.attached)]), to: "good.log")
    let garbage = try folder.write("what is this\n" + log([TestAuditEvent(Self.attached)]), to: "garbage.log")
    let missing = folder.path("missing.log")
    let result = try await Program.hostfence(["replay", good, garbage, missing, "--mode", "deny"])
    #expect(result.status == 2)
    #expect(result.errors.contains("garbage.log:1"))
    #expect(result.errors.contains("missing.log"))
    #expect(!result.errors.contains("good.log:"))
  }

  @Test func `the cut last line of a growing log is named and forgiven`() async throws {
    let text = log([TestAuditEvent(Self.plain), TestAuditEvent(Self.attached)])
    let result = try await Program.hostfence(["replay", "-", "--mode", "deny"], input: String(text.dropLast(40)))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains(":2"))
    #expect(result.errors.contains("ends in the middle of a record"))
  }

  @Test(arguments: [["gzip", "-c"], ["zstd", "-q", "-c"]])
  func `compressed logs are recognised by content, whatever their name`(tool: [String]) async throws {
    let folder = try TemporaryFolder()
    let packed = try await Program.run(
      "/usr/bin/env",
      ["sh", "-c", "\(tool.joined(separator: " ")) \(Self.log) > log"],
      folder: folder.url
    )
    #expect(packed.status == 0)
    let result = try await Program.hostfence(["replay", "log", "--output", "json"], folder: folder.url)
    #expect(try findings(result).count == 19)
    let cut = try await Program.run("/usr/bin/env", ["sh", "-c", "head -c 30000 log > cut"], folder: folder.url)
    #expect(cut.status == 0)
    let damaged = try await Program.hostfence(["replay", "cut", "--output", "json"], folder: folder.url)
    #expect(damaged.status == 2)
    #expect(damaged.errors.contains("cut off"))
  }

  @Test func `a folder is read in the order of time, and shards together are the whole`() async throws {
    let folder = try TemporaryFolder()
    for day in 1...6 {
      var event = TestAuditEvent(Self.attached)
      event.time = "2026-11-0\(day)T00:00:00.000000Z"
      event.auditID = "day-\(day)"
      // Named against the order of time.
      try folder.write(event.json + "\n", to: "logs/audit-\(9 - day).log")
    }
    let path = folder.path("logs")
    let whole = try await Program.hostfence(["replay", path, "--output", "json"])
    #expect(try findings(whole).map { $0["auditID"] as? String } == (1...6).map { "day-\($0)" })
    var parts: [String] = []
    for shard in 0..<3 {
      let part = try await Program.hostfence(["replay", path, "--output", "json", "--shard", "\(shard)/3"])
      parts += try findings(part).compactMap { $0["auditID"] as? String }
    }
    #expect(parts.sorted() == (1...6).map { "day-\($0)" })
  }

  @Test func `the same log replayed twice leaves the ledger as it was`() async throws {
    let folder = try TemporaryFolder()
    let ledger = "sqlite:\(folder.path("ledger.sqlite"))"
    var recorded: [String] = []
    for _ in 0..<2 {
      let result = try await Program.hostfence(["replay", Self.log, "--ledger", ledger, "--output", "jsonl"])
      #expect(result.status == 2)
      recorded.append(try await Program.hostfence(["risk", "events", "--ledger", ledger, "--output", "json"]).output)
    }
    #expect(recorded[0] == recorded[1])
    let events = try #require(try JSONSerialization.jsonObject(with: Data(recorded[0].utf8)) as? [[String: Any]])
    #expect(events.count == 18)
    #expect(events.allSatisfy { $0["threatObject"] as? String == "127.0.0.1" })
  }

  @Test func `a report that cannot be written ends with 2 and says so`() async throws {
    let result = try await Program.hostfence(["replay", Self.log, "--output", "csv=/dev/full"])
    #expect(result.status == 2)
    #expect(result.errors.contains("/dev/full"))
  }

  @Test func `filters choose by time, namespace and user`() async throws {
    for (arguments, count) in [
      (["--namespace", "kube-system"], 1), (["--user", "nobody"], 0), (["--user", "alice"], 18),
      (["--until", "2026-11-23T16:00:00Z"], 0), (["--since", "2026-11-23T16:00:00Z"], 19),
    ] {
      let result = try await Program.hostfence(["replay", Self.log, "--output", "jsonl"] + arguments)
      #expect(result.output.split(separator: "\n").count == count, "\(arguments)")
    }
  }

  @Test func `every format can go to a file, several at once`() async throws {
    let folder = try TemporaryFolder()
    let formats = ["table", "csv", "json", "jsonl", "html"]
    let arguments = formats.flatMap { ["--output", "\($0)=\(folder.path($0))"] }
    let result = try await Program.hostfence(["replay", Self.log] + arguments)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    for format in formats {
      let text = try String(contentsOfFile: folder.path(format), encoding: .utf8)
      #expect(text.contains("sniffer"), "\(format)")
      #expect(!text.contains("\u{1B}"), "\(format)")
    }
  }

  @Test func `the Splunk search has one row of the recorded log, and a comparison explains the rest`() async throws {
    let rows = try await Program.hostfence(["replay", Self.log, "--semantics", "splunk", "--output", "jsonl"])
    let lines = rows.output.split(separator: "\n")
    #expect(lines.count == 1)
    #expect(lines.first?.contains(#""objectRef.name":"sniffer""#) == true)
    let compared = try await Program.hostfence(["replay", Self.log, "--compare", "--output", "json"])
    let events = try #require(try compared.object()["compared"] as? [[String: Any]])
    #expect(events.count == 18)
    #expect(events.allSatisfy { $0["onlyIn"] as? String == "hostfence" })
    #expect(events.allSatisfy { ($0["why"] as? String)?.isEmpty == false })
  }

  @Test func `a log that grows is followed through rotation until the signal comes`() async throws {
    let folder = try TemporaryFolder()
    let file = folder.path("audit.log")
    var event = TestAuditEvent(Self.attached)
    event.auditID = "before"
    try folder.write(event.json + "\n", to: "audit.log")
    let follower = try Following(["replay", "--follow", file, "--output", "jsonl"])
    try follower.wait(for: "before")
    event.auditID = "appended"
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.seekToEnd()
    let line = Data((event.json + "\n").utf8)
    // In two pieces: a line is read when it has ended.
    try handle.write(contentsOf: line.prefix(100))
    try handle.write(contentsOf: line.dropFirst(100))
    try handle.close()
    try follower.wait(for: "appended")
    try FileManager.default.moveItem(atPath: file, toPath: folder.path("audit-1.log"))
    event.auditID = "rotated"
    try folder.write(event.json + "\n", to: "audit.log")
    try follower.wait(for: "rotated")
    #expect(follower.interrupt() == 0)
    #expect(follower.lines.count == 3)
  }

  @Test func `docs account for every event that only one semantics finds`() async throws {
    let page = try String(contentsOf: Fixtures.root.appending(path: "../../docs/replay.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").compactMap { $0.wholeMatch(of: #/\| ([0-9]+) \| (.*?) \| ([0-9]+) \|.*/#) }
    let told = rows.map { "\($0.1) \($0.2) \($0.3)" }
    let result = try await Program.hostfence(["replay", "--compare", "--output", "jsonl", Self.log])
    let found = try result.output.split(separator: "\n").map { line in
      let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      func text(_ key: String) -> String { event[key].map { "\($0)" } ?? "" }
      #expect(text("onlyIn") == "hostfence")
      return
        "\(text("line")) \(text("verb")) \(text("resource")) \(text("namespace"))/\(text("name")) \(text("responseCode"))"
    }
    #expect(found.count == 18)
    #expect(told == found, "edit docs/replay.md")
  }

  @Test func `a log is never overwritten by a report, and what a replay writes is not read`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = log([TestAuditEvent(Self.attached)])
    let file = folder.appending(path: "audit.log")
    try Data(text.utf8).write(to: file)
    for arguments in [["--output", "csv=\(file.path)"], ["--ledger", "sqlite:\(file.path)"]] {
      let result = try await Program.hostfence(["replay", file.path] + arguments)
      #expect(result.status == 2)
      #expect(result.errors.contains("is a log and an output"))
      #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }
    // The second run finds what the first one left.
    for _ in 0..<2 {
      let result = try await Program.hostfence([
        "replay", folder.path, "--mode", "deny", "--output", "json", "--output", "html=\(folder.path)/r.html",
        "--ledger", "sqlite:\(folder.path)/ledger.sqlite",
      ])
      #expect(result.status == 1, "\(result.errors)")
      let summary = try #require(try result.object()["summary"] as? [String: Any])
      #expect(summary["files"] as? Int == 1)
    }
  }

  @Test(arguments: [
    (["--compare", "--ledger", "sqlite:x"], "leave out --ledger"),
    (["--semantics", "splunk", "--ledger", "sqlite:x"], "leave out --ledger"),
    (["--output", "csv=x", "--output", "json=x"], "two reports cannot go to one file"),
    (["--since", "2026-02-30T00:00:00Z"], "--since"),
  ])
  func `options that would do less than they say are refused`(arguments: [String], words: String) async throws {
    let result = try await Program.hostfence(["replay", "-"] + arguments, input: "")
    #expect(result.status == 2)
    #expect(result.errors.contains(words), "\(result.errors)")
  }

  @Test func `a file whose name is not UTF-8 is named, not passed over`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(log([TestAuditEvent(Self.plain)]).utf8).write(to: folder.appending(path: "ok.log"))
    let name = Array("\(folder.path)/".utf8) + [0xE9, 0x74, 0xE9] + Array(".log\0".utf8)
    let descriptor = name.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        text.baseAddress.map { open($0, O_CREAT | O_WRONLY, 0o600) } ?? -1
      }
    }
    #expect(descriptor >= 0)
    close(descriptor)
    let result = try await Program.hostfence(["replay", folder.path])
    #expect(result.status == 2)
    #expect(result.errors.contains("its name is not UTF-8"))
  }
}

/// A replay that follows a log, and what it has printed so far.
private final class Following: @unchecked Sendable {
  // `process` is only signalled after init; `text` is guarded by the condition.
  private let process = Process()
  private let changed = NSCondition()
  private var text = ""
  private var isAtEnd = false

  init(_ arguments: [String]) throws {
    process.executableURL = URL(filePath: Program.hostfence)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let handle = output.fileHandleForReading
    Thread.detachNewThread { [self] in
      while true {
        let data = handle.availableData
        changed.lock()
        if data.isEmpty { isAtEnd = true }
        text += String(decoding: data, as: UTF8.self)
        changed.broadcast()
        changed.unlock()
        if data.isEmpty { return }
      }
    }
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  var lines: [Substring] {
    changed.lock()
    defer { changed.unlock() }
    return text.split(separator: "\n")
  }

  /// Waits until a text was printed; a replay that never prints it hangs the test rather than passing it.
  func wait(for wanted: String) throws {
    changed.lock()
    defer { changed.unlock() }
    while !text.contains(wanted) {
      if isAtEnd { throw UnexpectedOutput(text: text) }
      changed.wait()
    }
  }

  /// SIGINT, and the exit code.
  func interrupt() -> Int32 {
    process.interrupt()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }
}

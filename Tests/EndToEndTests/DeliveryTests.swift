// Delivery to a collector by the built program: from a server, and from a log with resume.

import Foundation
import TestSupport
import Testing

/// A strict collector (Tests/Collector/receiver.py) with a certificate of `hostfence certs`.
private final class Collector {
  static let token = "11111111-2222-3333-4444-555555555555"

  let folder: TemporaryFolder
  private let process = Process()
  let port: Int

  init(script: String = "") async throws {
    folder = try TemporaryFolder()
    let made = try await Program.hostfence(
      ["certs", "create", "--out", folder.url.path, "--dns", "localhost", "--ip", "127.0.0.1"]
    )
    guard made.status == 0 else { throw UnexpectedOutput(text: made.errors) }
    _ = try folder.write(Self.token + "\n", to: "token")
    let receiver = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Collector/receiver.py").path
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", receiver, "--token", Self.token, "--cert", folder.path("tls.crt"), "--key", folder.path("tls.key"),
      "--received", folder.path("received"), "--violations", folder.path("violations"), "--script",
      try folder.write(script, to: "script"), "--lifetime", "300",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(
      line.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    )
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// The options that deliver to it.
  var options: [String] {
    [
      "--hec", "https://localhost:\(port)", "--hec-token-file", folder.path("token"), "--hec-ca", folder.path("ca.crt"),
    ]
  }

  /// The ids that arrived, in their order.
  func ids() throws -> [String] {
    try received().compactMap { ($0["fields"] as? [String: Any])?["hostfence_id"] as? String }
  }

  /// What was indexed; the last line may be on its way.
  func received() throws -> [[String: Any]] {
    guard let text = try? String(contentsOfFile: folder.path("received"), encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }

  func violations() -> String { (try? String(contentsOfFile: folder.path("violations"), encoding: .utf8)) ?? "" }
}

@Suite struct DeliveryTests {
  private static let log = Fixtures.root.appending(path: "audit-log/audit.jsonl").path

  @Test func `a log is delivered once, and goes on where it was broken off`() async throws {
    let collector = try await Collector(script: #"{"code":4}"# + "\n")
    let ledger = "sqlite:\(collector.folder.path("ledger.sqlite"))"
    func replay(_ shape: String) async throws -> ProcessResult {
      try await Program.hostfence(
        [
          "replay", "--ledger", ledger, "--fail-on", "never", "--unjudged", "warn", "--output", "json", "--hec-shape",
          shape,
        ]
          + collector.options.map { $0 == "--hec" ? "--to-hec" : $0 } + [Self.log]
      )
    }
    let stopped = try await replay("event")
    #expect(stopped.status == 2)
    #expect(stopped.errors.contains("Invalid token (code 4). What is left is in the ledger"), "\(stopped.errors)")
    #expect(try collector.ids().isEmpty)
    let first = try await replay("event")
    #expect(first.status == 0, "\(first.errors)")
    let all = try await Program.hostfence(["risk", "events", "--ledger", ledger, "--output", "json"]).array()
    #expect(Set(try collector.ids()) == Set(all.compactMap { $0["id"] as? String }))
    #expect(try collector.ids().count == all.count)
    // Again there is nothing to deliver; in another shape it is another delivery.
    #expect(try await replay("event").status == 0)
    #expect(try collector.ids().count == all.count)
    #expect(try await replay("risk").status == 0)
    #expect(try collector.ids().count == all.count + all.count { $0["counted"] as? Bool == true })
    #expect(try await replay("ocsf").status == 0)
    #expect(collector.violations() == "")
  }

  @Test func `where delivery begins now, a replay delivers what it records and nothing from before`() async throws {
    let collector = try await Collector()
    let ledger = "sqlite:\(collector.folder.path("ledger.sqlite"))"
    let again = try String(contentsOfFile: Self.log, encoding: .utf8).replacing(
      #""auditID":""#,
      with: #""auditID":"again-"#
    )
    let options = ["replay", "--ledger", ledger, "--fail-on", "never", "--unjudged", "warn", "--output", "json"]
    #expect(try await Program.hostfence(options + [Self.log]).status == 0)
    let before = try await Program.hostfence(["risk", "events", "--ledger", ledger, "--output", "json"]).array()
    let delivered = try await Program.hostfence(
      options + collector.options + ["--hec-shape", "event", "--hec-begin", "now"]
        + [try collector.folder.write(again, to: "again.jsonl")]
    )
    #expect(delivered.status == 0, "\(delivered.errors)")
    #expect(!before.isEmpty)
    #expect(try collector.ids().count == before.count)
    #expect(try collector.ids().allSatisfy { $0.hasPrefix("again-") })
    let raw = try await Program.hostfence(options + collector.options + ["--hec-begin", "now", "--raw", Self.log])
    #expect(raw.status == 2 && raw.errors.contains("--hec-begin is of risk events"), "\(raw.errors)")
  }

  @Test func `a log is forwarded as it is, once, beside its judgement`() async throws {
    let collector = try await Collector(script: #"{"code":9}"# + "\n")
    let ledger = "sqlite:\(collector.folder.path("ledger.sqlite"))"
    let options = collector.options.map { $0 == "--hec" ? "--to-hec" : $0 }
    func forward(_ arguments: String...) async throws -> ProcessResult {
      try await Program.hostfence(
        ["replay", "--ledger", ledger, "--fail-on", "never", "--unjudged", "warn", "--output", "json", "--raw"]
          + options
          + arguments
      )
    }
    let lines = try String(contentsOfFile: Self.log, encoding: .utf8).split(separator: "\n").map(String.init)
    let first = try await forward("--hec-source", "audit", Self.log)
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.errors.contains("hostfence: \(lines.count) lines forwarded to the collector"))
    #expect(first.errors.contains("delivery failed and is retried: https://localhost:"))
    #expect(!first.errors.contains("EventLoop"), "SwiftNIO says so of connections that outlive their thread")
    #expect(try collector.received().compactMap { $0["event"] as? String } == lines)
    #expect(try collector.received().allSatisfy { $0["source"] as? String == "audit" })
    #expect(try collector.received().allSatisfy { $0["sourcetype"] as? String == "_json" })
    #expect(try await forward(Self.log).status == 0)
    #expect(try collector.received().count == lines.count)
    #expect(collector.violations() == "")
    #expect(try await !Program.hostfence(["risk", "events", "--ledger", ledger, "--output", "json"]).array().isEmpty)
    for (arguments, words) in [
      (["-"], "name files instead of standard input"), (["--user", "alice", Self.log], "--raw forwards whole logs"),
    ] {
      let refused = try await Program.hostfence(["replay", "--ledger", ledger, "--raw"] + options + arguments)
      #expect(refused.status == 2)
      #expect(refused.errors.contains(words), "\(refused.errors)")
    }
  }

  @Test func `a description of a dataset stands for its logs, and says what Splunk is told of them`() async throws {
    let collector = try await Collector()
    let folder = collector.folder
    let set = "datasets/attack_techniques/T1204/host_network"
    try FileManager.default.createDirectory(atPath: folder.path(set), withIntermediateDirectories: true)
    let lines = try String(contentsOfFile: Self.log, encoding: .utf8).split(separator: "\n").map(String.init)
    _ = try folder.write(lines.prefix(20).joined(separator: "\n"), to: "\(set)/first.json")
    _ = try folder.write(lines.dropFirst(20).prefix(10).joined(separator: "\n"), to: "\(set)/second.json")
    func describe(_ second: String) throws -> String {
      try folder.write(
        """
        id: 462dfa0b-7aa4-4498-927b-8d9743141e3a
        datasets:
        - path: /\(set)/first.json
          sourcetype: __json
          source: audit
        - path: \(second)
        """,
        to: "\(set)/host_network.yml"
      )
    }
    func forward(_ arguments: String...) async throws -> ProcessResult {
      let options = collector.options.map { $0 == "--hec" ? "--to-hec" : $0 }
      return try await Program.hostfence(
        ["replay", "--ledger", "sqlite:\(folder.path("ledger.sqlite"))", "--fail-on", "never", "--unjudged", "warn"]
          + ["--output", "json", "--raw"] + options + arguments
      )
    }
    let missing = try await forward(try describe("third.json"))
    #expect(missing.status == 2)
    #expect(missing.errors.contains("host_network.yml:6:3: the log of this dataset is not there"), "\(missing.errors)")
    _ = try folder.write(
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5107\n",
      to: "\(set)/third.json"
    )
    let pointer = try await forward(try describe("third.json"))
    #expect(pointer.status == 2)
    #expect(pointer.errors.contains("git lfs pull"), "\(pointer.errors)")
    #expect(try collector.received().isEmpty)
    try FileManager.default.removeItem(atPath: folder.path("\(set)/third.json"))
    let description = try describe("second.json")
    let first = try await forward("--hec-index", "attack_data", description)
    #expect(first.status == 0, "\(first.errors)")
    let received = try collector.received()
    #expect(received.compactMap { $0["event"] as? String }.sorted() == lines.prefix(30).sorted())
    #expect(received.allSatisfy { $0["host"] as? String == "462dfa0b-7aa4-4498-927b-8d9743141e3a" })
    #expect(received.allSatisfy { $0["index"] as? String == "attack_data" })
    #expect(received.count { $0["sourcetype"] as? String == "__json" && $0["source"] as? String == "audit" } == 20)
    #expect(received.count { $0["sourcetype"] as? String == "_json" && $0["source"] as? String == "kubernetes" } == 10)
    // Again, and by the folder in which it lies: there is nothing new, and the description is no log.
    for path in [description, folder.path(set)] {
      let again = try await forward("--unjudged", "error", path)
      #expect(again.status == 0, "\(again.errors)")
      #expect(try collector.received().count == 30)
    }
    let overwriting = try await forward("--output", "csv=\(folder.path("\(set)/first.json"))", description)
    #expect(overwriting.errors.contains("would be overwritten"), "\(overwriting.errors)")
    #expect(collector.violations() == "")
  }

  @Test func `a server delivers what it records, and shows how far it is`() async throws {
    let collector = try await Collector(script: #"{"code":9,"repeat":2}"# + "\n")
    let server = try await Server(collector.options + ["--hec-host", "cluster-1"])
    let review = try Fixtures.bytes("admission-reviews/017-create-pods-sniffer.json")
    _ = try await server.verdict(review)
    try await waitUntil("the event has arrived") { try collector.ids().count == 1 }
    try await waitUntil("the metrics say so") {
      try await server.metrics().contains("\nhostfence_hec_delivered_total 1\n")
    }
    let metrics = try await server.metrics()
    #expect(metrics.contains("\nhostfence_hec_lag_events 0\n"))
    #expect(metrics.contains("\nhostfence_hec_holder 1\n"))
    #expect(metrics.contains("\nhostfence_hec_failures_total 2\n"))
    #expect(!server.errors.contains(Collector.token))
    #expect(server.terminate() == 0)
    #expect(collector.violations() == "")
  }

  @Test func `options that cannot work are refused with what to do`() async throws {
    let folder = try TemporaryFolder()
    let token = try folder.write("two tokens\n", to: "token")
    for (arguments, words) in [
      (["--hec", "http://splunk.example.com:8088"], "http only for a collector on this machine"),
      (["--hec", "https://h:8088"], "--hec wants --hec-token-file"),
      (["--hec", "https://h:8088", "--hec-token-file", token], "cannot be read, or is no token"),
      (["--raw"], "--raw wants --to-hec"), (["--hec-source", "x"], "they go with --raw"),
      (["--hec-proxy", "https://proxy:1"], "--hec-proxy must be an address like http://proxy.example.com:3128"),
      (["--hec-proxy", "http://me:word@proxy:1"], "credentials go into --hec-proxy-auth-file"),
      (["--hec-proxy-auth-file", token], "goes with --hec-proxy"),
      (["--hec-proxy", "http://proxy", "--hec-proxy-auth-file", token], "does not hold USER:PASSWORD"),
    ] {
      let result = try await Program.hostfence(["replay"] + arguments + [Self.log])
      #expect(result.status == 2)
      #expect(result.errors.contains(words), "\(result.errors)")
    }
  }
}

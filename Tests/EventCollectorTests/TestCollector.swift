// A strict collector for tests, which plays every failure: Tests/Collector/receiver.py.

import Foundation
import TLS
import TestSupport
import Testing

@testable import EventCollector

/// A collector process with files of its own; it is killed when the test lets go of it.
final class TestCollector {
  static let token = "11111111-2222-3333-4444-555555555555"

  let folder: String
  private var arguments: [String]
  private var process = Process()
  private(set) var port = 0

  /// Starts a collector.
  ///
  /// - Parameters:
  ///   - script: what to do with the next requests, a JSON object each.
  init(_ arguments: [String] = [], script: [String] = []) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "hostfence-hec-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try CertificateAuthority.create(dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"], days: 2)
      .write(toDirectory: folder, overwriting: false)
    try Data(script.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: "\(folder)/script"))
    self.arguments = arguments
    try start()
  }

  deinit {
    kill()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Starts it, again on the port that it had.
  ///
  /// - Parameter arguments: other ones than before.
  func start(_ arguments: [String]? = nil) throws {
    if let arguments { self.arguments = arguments }
    process = Process()
    port = try process.startScript(
      "receiver.py",
      [
        "--token", Self.token, "--cert", "\(folder)/tls.crt", "--key", "\(folder)/tls.key",
        "--received", "\(folder)/received", "--violations", "\(folder)/violations", "--requests", "\(folder)/requests",
        "--script", "\(folder)/script", "--port", "\(port)", "--lifetime", "300",
      ] + self.arguments
    )
  }

  /// kill -9, and waits for the end.
  func kill() {
    guard process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  var endpoint: CollectorEndpoint {
    get throws {
      try #require(
        CollectorEndpoint(arguments.contains("--plain") ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)")
      )
    }
  }

  var context: TLSContext {
    get throws { try TLSContext.client(caPEMFile: "\(folder)/ca.crt") }
  }

  /// Trusts several collectors.
  static func context(trusting collectors: [TestCollector]) throws -> TLSContext {
    let authorities = try collectors.map { try String(contentsOfFile: "\($0.folder)/ca.crt", encoding: .utf8) }
    let file = "\(collectors[0].folder)/all.crt"
    try authorities.joined().write(toFile: file, atomically: true, encoding: .utf8)
    return try TLSContext.client(caPEMFile: file)
  }

  /// What was indexed.
  func received() throws -> [[String: Any]] { try lines("received") }

  /// What was wrong with requests.
  func violations() throws -> [[String: Any]] { try lines("violations") }

  func requests() throws -> [[String: Any]] { try lines("requests") }

  /// The ids of what was indexed, in their order.
  func ids() throws -> [String] {
    try received().map { event in
      let fields = event["fields"] as? [String: Any]
      let body = event["event"] as? [String: Any]
      return try #require(fields?["hostfence_id"] as? String ?? body?["id"] as? String)
    }
  }

  private func lines(_ name: String) throws -> [[String: Any]] { JSONLines.read("\(folder)/\(name)") }
}

/// A proxy that opens tunnels, with files of its own; it is killed when the test lets go of it.
final class TestProxy {
  private let log = FileManager.default.temporaryDirectory.appending(path: "hostfence-proxy-\(UUID().uuidString)").path
  private let process = Process()
  let port: Int

  init(_ arguments: [String] = []) throws {
    port = try process.startScript("proxy.py", ["--log", log] + arguments)
  }

  deinit {
    if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(atPath: log)
  }

  /// What it was asked for, and what it answered.
  var tunnels: [[String: Any]] { JSONLines.read(log) }

  var way: CollectorProxy {
    get throws { try #require(CollectorProxy("http://127.0.0.1:\(port)")) }
  }
}

private enum JSONLines {
  /// The objects in a file; the last line may be on its way.
  static func read(_ file: String) -> [[String: Any]] {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }
}

extension Process {
  /// Starts a server of Tests/Collector, and gives the port on which it listens.
  fileprivate func startScript(_ name: String, _ arguments: [String]) throws -> Int {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    executableURL = URL(filePath: "/usr/bin/env")
    self.arguments = ["python3", tests.appending(path: "Collector/\(name)").path] + arguments
    let output = Pipe()
    standardOutput = output
    standardInput = FileHandle.nullDevice
    try run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    return try #require(
      line.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    )
  }
}

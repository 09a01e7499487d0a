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
  private let arguments: [String]
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
  func start() throws {
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let receiver = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Collector/receiver.py").path
    process.arguments =
      [
        "python3", receiver, "--token", Self.token, "--cert", "\(folder)/tls.crt", "--key", "\(folder)/tls.key",
        "--received", "\(folder)/received", "--violations", "\(folder)/violations", "--requests", "\(folder)/requests",
        "--script", "\(folder)/script", "--port", "\(port)", "--lifetime", "300",
      ] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(
      line.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    )
  }

  /// kill -9, and waits for the end.
  func kill() {
    guard process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  var endpoint: CollectorEndpoint {
    get throws { try #require(CollectorEndpoint("https://localhost:\(port)")) }
  }

  var context: TLSContext {
    get throws { try TLSContext.client(caPEMFile: "\(folder)/ca.crt") }
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

  private func lines(_ name: String) throws -> [[String: Any]] {
    guard let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) else { return [] }
    // The last line may be on its way.
    return text.split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }
}

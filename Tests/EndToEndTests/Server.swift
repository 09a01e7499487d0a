// A running `hostfence serve`, on loopback, with certificates and a ledger of its own.

import Foundation
import TestSupport
import Testing

/// A server process; it is killed when the test lets go of it.
final class Server: @unchecked Sendable {
  // `process` is only read after init, apart from signals, which are safe from any thread.
  private let process = Process()
  let folder: TemporaryFolder
  let port: Int
  let adminPort: Int

  var ledger: String { "sqlite:\(folder.path("ledger.sqlite"))" }
  var certificateAuthority: String { folder.path("ca.crt") }

  /// Starts a server and waits until it says that it serves.
  ///
  /// - Parameters:
  ///   - folder: where certificates and ledger are; a server may be started again in the folder of another.
  ///   - errors: takes standard error, and is read only until the server serves.
  ///   - openFiles: the limit on open files that it is started with; nil for that of the tests.
  init(
    _ arguments: [String] = [],
    folder: TemporaryFolder? = nil,
    ledger: String? = nil,
    errors: Pipe? = nil,
    openFiles: Int? = nil
  ) async throws {
    self.folder = try folder ?? TemporaryFolder()
    let directory = self.folder.url.path
    if !FileManager.default.fileExists(atPath: self.folder.path("tls.crt")) {
      let made = try await Program.hostfence(
        ["certs", "create", "--out", directory, "--dns", "localhost", "--ip", "127.0.0.1"]
      )
      guard made.status == 0 else { throw UnexpectedOutput(text: made.errors) }
    }
    process.executableURL = URL(filePath: Program.hostfence)
    process.arguments =
      [
        "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--tls-cert", self.folder.path("tls.crt"),
        "--tls-key", self.folder.path("tls.key"), "--ledger", ledger ?? "sqlite:\(self.folder.path("ledger.sqlite"))",
      ] + arguments
    if let openFiles {
      process.executableURL = URL(filePath: "/bin/bash")
      process.arguments =
        ["-c", "ulimit -Sn \(openFiles); exec \"$0\" \"$@\"", Program.hostfence] + (process.arguments ?? [])
    }
    process.standardOutput = try Self.append(self.folder.path("stdout"))
    let errorsPath = self.folder.path("stderr-\(UUID().uuidString)")
    if let errors { process.standardError = errors } else { process.standardError = try Self.append(errorsPath) }
    process.standardInput = FileHandle.nullDevice
    try process.run()
    if let errors {
      try Self.append(errorsPath).close()
      var text = ""
      while !text.contains("serving"), process.isRunning {
        text += String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
      }
      try Data(text.utf8).write(to: URL(filePath: errorsPath))
    }
    (port, adminPort) = try await Self.ports(process, errorsPath)
    self.errorsPath = errorsPath
  }

  deinit { kill() }

  private let errorsPath: String

  /// What the server wrote to standard error.
  var errors: String { (try? String(contentsOfFile: errorsPath, encoding: .utf8)) ?? "" }

  /// The JSON lines on standard output.
  func outputLines() throws -> [[String: Any]] {
    try String(contentsOfFile: folder.path("stdout"), encoding: .utf8).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  /// The limit on open files that the server has, and the highest one that it may have; nil when there is none.
  func openFilesLimit() throws -> (soft: Int?, hard: Int?) {
    let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/limits", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Max open files") })
    let words = line.split(separator: " ")
    return (Int(words[3]), Int(words[4]))
  }

  /// Where the server's open files are.
  func openFiles() throws -> [String] {
    let folder = "/proc/\(process.processIdentifier)/fd"
    return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
      // One may be closed meanwhile.
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
    }
  }

  /// kill -9, and waits for the end.
  func kill() {
    guard process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// SIGSTOP: the server does nothing until it is told to end.
  func pause() { Foundation.kill(process.processIdentifier, SIGSTOP) }

  /// SIGTERM, and waits for the exit code.
  func terminate() -> Int32 {
    process.terminate()
    Foundation.kill(process.processIdentifier, SIGCONT)
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }

  /// SIGTERM, without waiting for the end.
  func beginTermination() { process.terminate() }

  /// SIGTERM, and waits for the exit code on a thread of its own.
  func terminated() async -> Int32 {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [self] in continuation.resume(returning: terminate()) }
    }
  }

  /// Posts a body with curl and gives the answer's code and body.
  func post(
    _ body: [UInt8],
    path: String = "/validate/deny",
    curl arguments: [String] = ["-H", "Content-Type: application/json"]
  ) async throws -> (code: Int, body: String) {
    let result = try await Program.run(
      "/usr/bin/curl",
      [
        "-sS", "--max-time", "20", "--cacert", certificateAuthority, "-w", "\n%{http_code}", "--data-binary", "@-",
      ] + arguments + ["https://localhost:\(port)\(path)"],
      input: body
    )
    let parts = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    guard let code = parts.last.flatMap({ Int($0) }) else { throw UnexpectedOutput(text: result.errors) }
    return (code, parts.dropLast().joined(separator: "\n"))
  }

  /// Posts a review and gives the response in its answer.
  func verdict(_ review: [UInt8], path: String = "/validate/deny") async throws -> [String: Any] {
    let (code, body) = try await post(review, path: path)
    guard code == 200, let answer = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any],
      answer["kind"] as? String == "AdmissionReview", answer["apiVersion"] as? String == "admission.k8s.io/v1",
      let response = answer["response"] as? [String: Any]
    else { throw UnexpectedOutput(text: "\(code) \(body)") }
    return response
  }

  /// What the admin listener answers to a GET.
  func admin(_ path: String) async throws -> (status: Int, text: String) {
    let result = try await Program.run(
      "/usr/bin/curl",
      ["-sS", "--max-time", "20", "-w", "\n%{http_code}", "http://127.0.0.1:\(adminPort)\(path)"]
    )
    let parts = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    guard let status = parts.last.flatMap({ Int($0) }) else { throw UnexpectedOutput(text: result.errors) }
    return (status, parts.dropLast().joined(separator: "\n"))
  }

  func metrics() async throws -> String { try await admin("/metrics").text + "\n" }
  func ready() async throws -> (status: Int, text: String) { try await admin("/readyz") }

  /// The events of the ledger, as `hostfence risk events` lists them.
  func events() async throws -> [[String: Any]] {
    let result = try await Program.hostfence(["risk", "events", "--ledger", ledger, "--output", "json"])
    guard result.status == 0 else { throw UnexpectedOutput(text: result.errors) }
    return try result.array()
  }

  private static func append(_ path: String) throws -> FileHandle {
    if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    return handle
  }

  private static func ports(_ process: Process, _ errorsPath: String) async throws -> (Int, Int) {
    for _ in 0..<500 {
      let text = (try? String(contentsOfFile: errorsPath, encoding: .utf8)) ?? ""
      if let webhook = text.firstMatch(of: /webhook"?[=:]"?https:\/\/127\.0\.0\.1:(\d+)/),
        let admin = text.firstMatch(of: /admin"?[=:]"?http:\/\/127\.0\.0\.1:(\d+)/), let port = Int(webhook.1),
        let adminPort = Int(admin.1)
      {
        return (port, adminPort)
      }
      guard process.isRunning else { throw UnexpectedOutput(text: text) }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw UnexpectedOutput(text: "the server did not start within 10 s")
  }
}

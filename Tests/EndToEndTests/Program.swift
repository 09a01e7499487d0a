// Runs the built binary, and the tools of the system, in folders of their own.

import Foundation
import TestSupport
import Testing

/// What a finished process left behind.
struct ProcessResult: Sendable {
  let status: Int32
  let output: String
  let errors: String

  /// Standard output as a JSON object.
  func object() throws -> [String: Any] {
    guard let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] else {
      throw UnexpectedOutput(text: output)
    }
    return object
  }

  /// Standard output as a JSON array of objects.
  func array() throws -> [[String: Any]] {
    guard let array = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]] else {
      throw UnexpectedOutput(text: output)
    }
    return array
  }
}

struct UnexpectedOutput: Error {
  let text: String
}

/// Programs under test.
enum Program {
  /// `hostfence` as built beside this test bundle, or the one that HOSTFENCE_BINARY names.
  static let hostfence: String =
    ProcessInfo.processInfo.environment["HOSTFENCE_BINARY"]
    ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "hostfence").path

  /// Runs `hostfence` to its end.
  static func hostfence(_ arguments: [String], input: String? = nil, folder: URL? = nil) async throws -> ProcessResult {
    try await run(hostfence, arguments, input: input.map { Array($0.utf8) }, folder: folder)
  }

  /// Runs a program to its end; both outputs are drained while it runs, so that neither can block it.
  static func run(
    _ path: String,
    _ arguments: [String],
    input: [UInt8]? = nil,
    folder: URL? = nil
  ) async throws -> ProcessResult {
    BrokenPipes.ignore()
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    let inputPipe = Pipe()
    process.standardInput = input == nil ? FileHandle.nullDevice : inputPipe
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        do {
          try process.run()
          if let input {
            Thread.detachNewThread {
              try? inputPipe.fileHandleForWriting.write(contentsOf: Data(input))
              try? inputPipe.fileHandleForWriting.close()
            }
          }
          let collector = Collector(errors.fileHandleForReading)
          let text = (try? output.fileHandleForReading.readToEnd()) ?? Data()
          let errorText = collector.wait()
          process.waitUntilExit()
          continuation.resume(
            returning: ProcessResult(
              status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
              output: String(decoding: text, as: UTF8.self),
              errors: String(decoding: errorText, as: UTF8.self)
            )
          )
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }
}

/// Reads a pipe to its end on a thread of its own.
private final class Collector: @unchecked Sendable {
  // Written by one thread before the semaphore is signalled, read by the other after it.
  private var data = Data()
  private let done = DispatchSemaphore(value: 0)

  init(_ handle: FileHandle) {
    Thread.detachNewThread { [self] in
      data = (try? handle.readToEnd()) ?? Data()
      done.signal()
    }
  }

  func wait() -> Data {
    done.wait()
    return data
  }
}

/// A folder that is gone when the test is over.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "hostfence-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes a file and gives its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}

/// Waits until something holds, half a minute at most.
func waitUntil(_ what: String, _ condition: () async throws -> Bool) async throws {
  for _ in 0..<300 {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(100))
  }
  Issue.record("waited in vain until \(what)")
}

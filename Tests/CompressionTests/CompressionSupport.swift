// Sources of bytes for tests, and the tools that compress them.

import Compression
import Foundation
import TestSupport
import Testing

/// Hands out bytes in pieces of a given size, as a slow pipe does.
final class PiecewiseSource: ByteSource {
  private var rest: ArraySlice<UInt8>
  private let pieceBytes: Int
  private let failure: InputError?

  /// - Parameter failure: thrown where the bytes end.
  init(_ bytes: [UInt8], pieceBytes: Int = .max, failure: InputError? = nil) {
    rest = bytes[...]
    self.pieceBytes = pieceBytes
    self.failure = failure
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    if rest.isEmpty, let failure { throw failure }
    let count = min(rest.count, pieceBytes, buffer.count)
    buffer.copyBytes(from: rest.prefix(count))
    rest = rest.dropFirst(count)
    return count
  }
}

/// What a reader handed out until its end.
struct ReadResult: Equatable {
  var bytes: [UInt8] = []
  var errors: [InputError] = []

  /// Reads on behind an error, to see that it comes once.
  static func of(_ reader: DecompressingReader, bufferBytes: Int = 1 << 16) -> ReadResult {
    var result = ReadResult()
    var buffer = [UInt8](repeating: 0xEE, count: bufferBytes)
    while true {
      do throws(InputError) {
        var failure: InputError?
        let count = buffer.withUnsafeMutableBytes { memory in
          do throws(InputError) {
            return try reader.read(into: memory)
          } catch {
            failure = error
            return 0
          }
        }
        if let failure { throw failure }
        if count == 0 { return result }
        result.bytes += buffer[..<count]
      } catch {
        result.errors.append(error)
        if result.errors.count > 3 { return result }
      }
    }
  }

  static func of(_ bytes: [UInt8], pieceBytes: Int = .max, inputBytes: Int = 1 << 18, bufferBytes: Int = 1 << 16)
    -> Self
  {
    let source = PiecewiseSource(bytes, pieceBytes: pieceBytes)
    return of(DecompressingReader(source, inputBytes: inputBytes), bufferBytes: bufferBytes)
  }
}

/// A command that compresses what it is given.
enum Compressor: String, CaseIterable, Sendable {
  case gzip
  case zstd

  var format: CompressionFormat { self == .gzip ? .gzip : .zstd }

  /// Runs the command on a file, which is the only way that does not need two ends of pipes at a time.
  func compress(_ bytes: [UInt8], _ options: String...) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let plain = folder.appending(path: "plain")
    let packed = folder.appending(path: "packed")
    try Data(bytes).write(to: plain)
    try Data().write(to: packed)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [rawValue, "-q", "-c"] + options + [plain.path]
    process.standardOutput = try FileHandle(forWritingTo: packed)
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(rawValue) must be installed: apt-get install \(rawValue)")
    return [UInt8](try Data(contentsOf: packed))
  }
}

/// Data to compress.
enum Sample {
  static let text = Array(
    (0..<400).map { "{\"line\":\($0),\"verb\":\"create\",\"pi\":\($0 * $0 % 97)}\n" }.joined().utf8
  )

  static func random(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// Half random, half repeated from anywhere before, so that matches of all lengths and distances occur.
  static func repetitive(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    var bytes = random(64, seed: seed)
    while bytes.count < count {
      let start = Int.random(in: max(0, bytes.count - 40_000)..<bytes.count, using: &generator)
      bytes += Array(bytes[start..<min(bytes.count, start + Int.random(in: 1...300, using: &generator))])
      if Bool.random(using: &generator) { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
    }
    return bytes
  }
}

// What stands before the JSON on a line of a log.

/// What a container runtime, syslog, `oc adm node-logs` or an export puts before the record on its line.
package struct LinePrefix: Equatable {
  /// Whether the record goes on in the next line of its stream (CRI).
  package enum Continuation: Sendable, Equatable {
    case partial
    case full
  }

  /// Bytes before the record.
  package var length: Int
  /// For CRI only.
  package var continuation: Continuation?
  /// For CRI only: whether the line is of standard error rather than standard output.
  var isErrorStream = false

  /// Bytes in which JSON must begin; no prefix of a real log is longer.
  private static let bytesMax = 512

  /// What stands before the record of a line; nil when nothing does, or nothing that is known.
  package static func of(_ line: UnsafeRawBufferPointer) -> LinePrefix? {
    let start = unsafe filling(line)
    let rest = unsafe UnsafeRawBufferPointer(rebasing: line[start...])
    guard let first = unsafe rest.first else { return nil }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      return start > 0 ? LinePrefix(length: start, continuation: nil) : nil
    }
    if var prefix = unsafe containerRuntime(rest) {
      prefix.length += start
      return prefix
    }
    return unsafe words(rest).map { LinePrefix(length: start + $0, continuation: nil) }
  }

  /// Blanks, NUL bytes and a byte order mark.
  private static func filling(_ line: UnsafeRawBufferPointer) -> Int {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = unsafe line.starts(with: mark) ? mark.count : 0
    return unsafe line[start...].firstIndex { $0 != 0 && $0 != 0x20 && $0 != 0x09 } ?? line.count
  }

  /// `2026-11-23T16:43:03.042Z stdout F ` (Kubernetes CRI, log format): P where the line is only a part of a record.
  private static func containerRuntime(_ line: UnsafeRawBufferPointer) -> LinePrefix? {
    guard line.count > 20, unsafe isDigit(line[0]), unsafe line[4] == UInt8(ascii: "-"),
      unsafe line[10] == UInt8(ascii: "T"), let time = unsafe line.prefix(64).firstIndex(of: 0x20)
    else { return nil }
    let rest = unsafe line[(time + 1)...]
    let isErrorStream = unsafe rest.starts(with: "stderr ".utf8)
    guard unsafe isErrorStream || rest.starts(with: "stdout ".utf8) else { return nil }
    let tag = time + 8
    guard tag < line.count, let end = unsafe line[tag...].prefix(64).firstIndex(of: 0x20) ?? endOfTag(line, tag) else {
      return nil
    }
    let continuation: Continuation
    switch unsafe line[tag] {
    case UInt8(ascii: "P"): continuation = .partial
    case UInt8(ascii: "F"): continuation = .full
    default: return nil
    }
    return LinePrefix(length: min(end + 1, line.count), continuation: continuation, isErrorStream: isErrorStream)
  }

  /// A line that is empty behind its tag.
  private static func endOfTag(_ line: UnsafeRawBufferPointer, _ tag: Int) -> Int? {
    line.count - tag < 64 ? line.count : nil
  }

  /// Printable words, and then a JSON object.
  private static func words(_ line: UnsafeRawBufferPointer) -> Int? {
    let head = unsafe line.prefix(bytesMax)
    guard let brace = unsafe head.firstIndex(of: UInt8(ascii: "{")), brace > 0, brace + 1 < line.count else {
      return nil
    }
    // JSON begins behind a blank, and with a key.
    guard unsafe line[brace - 1] == 0x20, unsafe line[brace + 1] == UInt8(ascii: "\"") || line[brace + 1] == 0x20 else {
      return nil
    }
    return unsafe head[..<brace].allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") } ? brace : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

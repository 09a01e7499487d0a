// What stands in front of the JSON on a line of a log.

/// What stands before the JSON on a line: a container's header, syslog's, a node's name, a timestamp, padding.
///
/// Known for certain are the lines of CRI runtimes (`<RFC 3339 time> stdout F …`, cri-api's log format), also behind one
/// word as `oc adm node-logs` writes it. Of everything else only this is asked: short printable text without braces, a
/// space or a colon, and then what can only be the beginning of a JSON object. That is RFC 3164 and RFC 5424 syslog,
/// journald's text, `kubectl logs --timestamps --prefix`, CloudWatch's export to S3, and grep's file names. Text that merely
/// quotes JSON looks the same; what it quotes is then found to be no audit event.
package struct LinePrefix: Equatable, Sendable {
  /// Whether a container's line holds the whole of what the container wrote, or its end, or more follows.
  package enum Continuation: Sendable {
    case partial, full
  }

  /// Where the JSON text (or for a container's line: the rest of it) begins, in bytes from the start of the line.
  package var length: Int
  /// Set for a container's line.
  package var continuation: Continuation?
  /// Whether a container's line is of standard error; pieces of both streams may be mixed.
  var isErrorStream = false

  /// The prefix of a line; nil when it begins as JSON right away, or with nothing that is known.
  package static func of(_ line: UnsafeRawBufferPointer) -> LinePrefix? {
    let text = unsafe Span<UInt8>(_unsafeBytes: line)
    return of(text)
  }

  static func of(_ line: Span<UInt8>) -> LinePrefix? {
    let start = paddingLength(line)
    guard start < line.count else { return nil }
    switch line[start] {
    case UInt8(ascii: "{"):
      return start > 0 ? LinePrefix(length: start) : nil
    case UInt8(ascii: "["):
      // `[pod/kube-apiserver-1/kube-apiserver] {`, which `kubectl logs --prefix` writes, is no JSON.
      guard isPodName(line, at: start) else { return start > 0 ? LinePrefix(length: start) : nil }
    case UInt8(ascii: "\""), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","): return nil
    default: break
    }
    return containerHeader(line, at: start) ?? nodeAndContainerHeader(line, at: start) ?? shortText(line, from: start)
  }

  /// Bytes of NULs, blanks and a byte order mark at the beginning of a line.
  private static func paddingLength(_ line: Span<UInt8>) -> Int {
    var start = TextBytes.byteOrderMarkLength(line)
    while start < line.count, TextBytes.isPadding(line[start]) { start += 1 }
    return start
  }

  private static func isPodName(_ line: Span<UInt8>, at start: Int) -> Bool {
    line.count > start + 4 && line[start + 1] == UInt8(ascii: "p") && line[start + 2] == UInt8(ascii: "o")
      && line[start + 3] == UInt8(ascii: "d") && line[start + 4] == UInt8(ascii: "/")
  }

  // MARK: - Containers

  /// `<RFC 3339 time> stdout F `, where `F` may be followed by more tags: `P:x`.
  private static func containerHeader(_ line: Span<UInt8>, at start: Int) -> LinePrefix? {
    guard let time = TextBytes.endOfTime(line, from: start) else { return nil }
    // A space, six letters, a space, a tag.
    guard time + 8 < line.count, line[time] == UInt8(ascii: " "), line[time + 7] == UInt8(ascii: " ") else {
      return nil
    }
    let isErrorStream = TextBytes.equals("stderr", line, at: time + 1)
    guard isErrorStream || TextBytes.equals("stdout", line, at: time + 1) else { return nil }
    let continuation: Continuation
    switch line[time + 8] {
    case UInt8(ascii: "F"): continuation = .full
    case UInt8(ascii: "P"): continuation = .partial
    default: return nil
    }
    var end = time + 9
    if end < line.count, line[end] == UInt8(ascii: ":") {
      let last = min(line.count, end + AuditLogLimits.linePrefixBytesMax)
      while end < last, line[end] != UInt8(ascii: " ") { end += 1 }
    }
    guard end < line.count else {
      return LinePrefix(length: end, continuation: continuation, isErrorStream: isErrorStream)
    }
    guard line[end] == UInt8(ascii: " ") else { return nil }
    return LinePrefix(length: end + 1, continuation: continuation, isErrorStream: isErrorStream)
  }

  private static func nodeAndContainerHeader(_ line: Span<UInt8>, at start: Int) -> LinePrefix? {
    let last = min(line.count, start + AuditLogLimits.linePrefixBytesMax)
    var end = start
    while end < last, isInWord(line[end]) { end += 1 }
    guard end > start, end < last, line[end] == UInt8(ascii: " ") else { return nil }
    return containerHeader(line, at: end + 1)
  }

  /// Bytes of names of nodes, and of pods as kubectl writes them.
  private static func isInWord(_ byte: UInt8) -> Bool {
    byte > UInt8(ascii: " ") && byte != UInt8(ascii: "{") && byte != UInt8(ascii: "\"") && byte != 0x7F
  }

  // MARK: - Everything else

  private static func shortText(_ line: Span<UInt8>, from start: Int) -> LinePrefix? {
    let last = min(line.count, start + AuditLogLimits.linePrefixBytesMax)
    var place = start
    while place < last {
      switch line[place] {
      case UInt8(ascii: "{"):
        guard place > start, isSeparator(line[place - 1]), opensObject(line, at: place) else { return nil }
        return LinePrefix(length: place)
      case UInt8(ascii: "["):
        if place > start, isSeparator(line[place - 1]), place + 1 < line.count, opensObject(line, at: place + 1) {
          return LinePrefix(length: place)
        }
        // `app[123]`, or structured data of RFC 5424, which holds quotes.
        while place < last, line[place] != UInt8(ascii: "]") { place += 1 }
      case UInt8(ascii: "\""), UInt8(ascii: "}"), 0x7F: return nil
      case 0..<UInt8(ascii: " ") where line[place] != UInt8(ascii: "\t"): return nil
      default: break
      }
      place += 1
    }
    return nil
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "|")
  }

  /// Whether an object begins here: a brace, and then a quote or another brace.
  private static func opensObject(_ line: Span<UInt8>, at start: Int) -> Bool {
    guard line[start] == UInt8(ascii: "{") else { return false }
    var next = start + 1
    while next < line.count, line[next] == UInt8(ascii: " ") { next += 1 }
    return next < line.count && (line[next] == UInt8(ascii: "\"") || line[next] == UInt8(ascii: "}"))
  }
}

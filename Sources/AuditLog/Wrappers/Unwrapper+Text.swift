// Text that may be JSON: what stands around it, and what is said of it when it is not.

internal import CLineScan
internal import JSONDocument

extension Unwrapper {
  /// How far into a text its kind is looked for; the first two fields of an event are its kind and its version.
  private static let headBytes = 512
  /// Without its slash, which some write as `\/`.
  private static let version: StaticString = "audit.k8s.io"
  /// The mark of CloudWatch Logs for EKS on events that it cut.
  private static let cutMark: StaticString = "[Truncated...]"
  /// How the API server's legacy format begins, behind its time.
  private static let legacyMark: StaticString = "AUDIT: id=\""

  /// Looks at a text of which a wrapper said that it is a record; never `.notJSON`.
  func readInner(_ text: UnsafeRawBufferPointer, into sink: inout some EventSink) -> Outcome {
    let outcome = unsafe read(text, padded: false, into: &sink)
    guard case .notJSON(let error) = outcome else { return outcome }
    return unsafe settle(text, error, into: &sink)
  }

  /// Looks at a text; `.notJSON` when it is not one whole record.
  func read(_ text: UnsafeRawBufferPointer, padded: Bool, into sink: inout some EventSink) -> Outcome {
    // As it is: a piece of a record may begin or end with the white space of a JSON string.
    var piece = unsafe text
    var continuation: LinePrefix.Continuation?
    // More than a few prefixes do not occur.
    for _ in 0...AuditLogLimits.wrappersMax {
      let (start, end) = unsafe Self.trimmedBounds(piece)
      let rest = unsafe UnsafeRawBufferPointer(rebasing: piece[start..<end])
      guard let first = unsafe rest.first, !Self.opensJSON(first), let prefix = unsafe LinePrefix.of(rest),
        prefix.length > 0, prefix.length <= rest.count
      else { break }
      continuation = prefix.continuation
      unsafe piece = UnsafeRawBufferPointer(rebasing: piece[(start + prefix.length)...])
      if continuation != nil, unsafe piece.last == UInt8(ascii: "\n") {
        unsafe piece = UnsafeRawBufferPointer(rebasing: piece.dropLast())
      }
      if continuation == .partial { return unsafe .fragment(text: Array(piece), isLast: false) }
    }
    let outcome = unsafe readBare(Self.trimmed(piece), padded: padded, into: &sink)
    if case .notJSON = outcome, continuation == .full { return unsafe .fragment(text: Array(piece), isLast: true) }
    return outcome
  }

  private func readBare(
    _ text: UnsafeRawBufferPointer,
    padded: Bool,
    into sink: inout some EventSink
  ) -> Outcome {
    guard let first = unsafe text.first else { return .notJSON(.empty) }
    guard Self.opensJSON(first) else {
      if unsafe Self.contains(Self.legacyMark, in: text.prefix(Self.headBytes)) {
        sink.receive(unreadable: .legacyFormat)
        return .events
      }
      return .notJSON(.malformed(reason: "it does not begin as JSON does"))
    }
    if let head = unsafe Self.cutHead(text) {
      guard unsafe Self.beginsAsEvent(head) else { return .other }
      unsafe sink.receive(cutEvent: head)
      return .events
    }
    return unsafe unwrap(json: text, padded: padded, into: &sink)
  }

  /// Decides about an inner text that is not JSON: the rest of an audit event, or another log's line.
  func settle(_ text: UnsafeRawBufferPointer, _ error: JSONError, into sink: inout some EventSink) -> Outcome {
    let rest = unsafe Self.trimmed(text)
    guard unsafe Self.beginsAsEvent(rest) else { return .other }
    let isCut = unsafe rest.last != UInt8(ascii: "}")
    if case .malformed = error, isCut {
      sink.receive(unreadable: .cutOff)
    } else {
      sink.receive(unreadable: Self.reason(error))
    }
    return .events
  }

  /// What a parser's refusal means for a record.
  static func reason(_ error: JSONError) -> UnreadableReason {
    switch error {
    case .tooLarge(let limit): .tooLong(limitBytes: limit)
    case .tooDeep, .empty, .outOfMemory: .malformed(error.description)
    case .malformed(let reason): .malformed(reason)
    }
  }

  // MARK: - Too many wrappers

  /// Says that nothing more is taken off, where an audit event may be inside.
  func refuse(_ value: borrowing JSONValue, into sink: inout some EventSink) -> Outcome {
    var place = value.index
    let end = value.endIndex
    while place < end {
      let inner = value.value(at: place)
      if inner.isString {
        let bytes = inner.utf8
        let isAudit = unsafe bytes.withUnsafeBytes { unsafe Self.contains(Self.version, in: $0[...]) }
        if isAudit { return refuse(into: &sink) }
      }
      place = inner.isObject || inner.isArray ? inner.contentIndex : inner.endIndex
    }
    return .other
  }

  func refuse(_ text: UnsafeRawBufferPointer, into sink: inout some EventSink) -> Outcome {
    unsafe Self.contains(Self.version, in: text[...]) ? refuse(into: &sink) : .other
  }

  private func refuse(into sink: inout some EventSink) -> Outcome {
    sink.receive(unreadable: .tooDeeplyWrapped(limit: AuditLogLimits.wrappersMax))
    return .events
  }

  // MARK: - Bytes

  private static func opensJSON(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"")
  }

  /// Whether a text that is not whole begins as an audit event does, or as a wrapper around one.
  static func beginsAsEvent(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let first = unsafe text.first, opensJSON(first) else { return false }
    return unsafe contains(version, in: text.prefix(headBytes))
  }

  /// The text in front of the mark that an event was cut at, or nil when it is not so marked.
  private static func cutHead(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard unsafe text.last == UInt8(ascii: "]") else { return nil }
    let head = text.count - cutMark.utf8CodeUnitCount
    guard head > 0, unsafe text.first == UInt8(ascii: "{"), unsafe contains(cutMark, in: text[head...]) else {
      return nil
    }
    return unsafe UnsafeRawBufferPointer(rebasing: text[..<head])
  }

  static func contains(_ mark: StaticString, in text: Slice<UnsafeRawBufferPointer>) -> Bool {
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: text)
    guard let start = bytes.baseAddress else { return false }
    return unsafe hostfence_find(start, bytes.count, mark.utf8Start, mark.utf8CodeUnitCount) != nil
  }

  /// Without white space and NUL at both ends, and without a byte order mark.
  private static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let (start, end) = unsafe trimmedBounds(text)
    return unsafe UnsafeRawBufferPointer(rebasing: text[start..<end])
  }

  private static func trimmedBounds(_ text: UnsafeRawBufferPointer) -> (start: Int, end: Int) {
    var start = 0
    var end = text.count
    if end >= 3, unsafe text[0] == 0xEF, unsafe text[1] == 0xBB, unsafe text[2] == 0xBF { start = 3 }
    while start < end, unsafe isBlank(text[start]) { start += 1 }
    while end > start, unsafe isBlank(text[end - 1]) { end -= 1 }
    return (start, end)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
      || byte == UInt8(ascii: "\t") || byte == 0
  }
}

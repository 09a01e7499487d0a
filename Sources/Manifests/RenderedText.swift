// The JSON text of the document that is being written, with the place of every key.

/// JSON text under construction.
///
/// `JSONWriter` is not used here: aliases and merge keys copy stretches of what is already written. The escaping follows
/// the same rule (RFC 8259, section 7).
struct RenderedText {
  /// A state of the text to which later stretches refer.
  struct Mark {
    let bytes: Int
    let positions: Int
    let dropped: Int
  }

  private(set) var bytes: [UInt8] = []
  private(set) var positions: [SourcePosition] = []
  private(set) var dropped: [DroppedMember] = []

  /// What is written so far.
  var mark: Mark { Mark(bytes: bytes.count, positions: positions.count, dropped: dropped.count) }

  /// Forgets everything and keeps the memory.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    dropped.removeAll(keepingCapacity: true)
  }

  /// Appends one byte of structure.
  mutating func append(_ byte: UInt8) { bytes.append(byte) }

  /// Appends bytes that are JSON already.
  mutating func append(json: some Sequence<UInt8>) { bytes.append(contentsOf: json) }

  /// Appends the place of a key; call it with every key that is written.
  mutating func append(_ position: SourcePosition) { positions.append(position) }

  /// Appends a JSON string.
  mutating func append(quoted text: Span<UInt8>) {
    bytes.append(ASCII.quotationMark)
    for index in text.indices {
      let byte = text[index]
      if byte >= 0x20, byte != ASCII.quotationMark, byte != ASCII.backslash {
        bytes.append(byte)
      } else {
        append(escaped: byte)
      }
    }
    bytes.append(ASCII.quotationMark)
  }

  /// Appends the value of a scalar whose text is `text`.
  mutating func append(_ value: YAMLScalar, text: Span<UInt8>) {
    switch value {
    case .string: append(quoted: text)
    case .decoded(let bytes): append(quoted: bytes.span)
    case .boolean(let boolean): append(json: (boolean ? "true" : "false").utf8)
    case .null: append(json: "null".utf8)
    case .integer(let integer): append(json: String(integer).utf8)
    case .unsigned(let integer): append(json: String(integer).utf8)
    case .float(let double):
      // Like Go's encoding/json: a whole number has no fraction, so that 8080.0 is an integer to the API server.
      if let integer = Int64(exactly: double) {
        append(json: String(integer).utf8)
      } else {
        append(json: String(double).utf8)
      }
    }
  }

  /// Appends once more what was written between two marks.
  mutating func append(copyFrom start: Mark, to end: Mark) {
    let shift = bytes.count - start.bytes
    let positionShift = positions.count - start.positions
    for index in start.bytes..<end.bytes { bytes.append(bytes[index]) }
    for index in start.positions..<end.positions { positions.append(positions[index]) }
    for index in start.dropped..<end.dropped {
      let stretch = dropped[index]
      dropped.append(
        DroppedMember(
          text: stretch.text.lowerBound + shift..<stretch.text.upperBound + shift,
          positions: stretch.positions.lowerBound + positionShift..<stretch.positions.upperBound + positionShift
        )
      )
    }
  }

  /// Leaves a stretch out of the finished document.
  mutating func drop(_ member: DroppedMember) { dropped.append(member) }

  /// Everything since `start` without what was dropped.
  func compacted(from start: Mark) -> CompactedText { compacted(from: start, to: mark) }

  /// What was written between two marks, without what was dropped.
  func compacted(from start: Mark, to end: Mark) -> CompactedText {
    CompactedText(
      of: bytes,
      start.bytes..<end.bytes,
      positions: positions,
      start.positions..<end.positions,
      dropped: dropped[start.dropped..<end.dropped]
    )
  }

  private mutating func append(escaped byte: UInt8) {
    bytes.append(ASCII.backslash)
    switch byte {
    case ASCII.quotationMark, ASCII.backslash: bytes.append(byte)
    case ASCII.lineFeed: bytes.append(UInt8(ascii: "n"))
    case ASCII.carriageReturn: bytes.append(UInt8(ascii: "r"))
    case ASCII.tab: bytes.append(UInt8(ascii: "t"))
    default:
      let digits = Array("0123456789abcdef".utf8)
      append(json: "u00".utf8)
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 0xF)])
    }
  }
}

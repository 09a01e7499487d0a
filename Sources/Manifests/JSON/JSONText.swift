// A strict JSON reader that keeps the text as it is and notes where everything stands (RFC 8259).

/// Reads the values of an input of JSON, one after the other.
struct JSONText {
  /// A value that is well-formed.
  struct Value {
    let range: Range<Int>
    let start: SourcePosition
    let keyPositions: [SourcePosition]
    let dropped: [DroppedMember]
    let warnings: [ManifestWarning]
    /// The first duplicate key, where that is an error.
    let duplicate: UnreadableInput?
  }

  /// Why the text is no JSON, and where.
  struct Problem: Error {
    let offset: Int
    let message: String
    /// Whether an unquoted word stands there, as YAML allows.
    var isBareWord = false
  }

  private struct Level {
    let isObject: Bool
    let start: Int
  }

  let bytes: [UInt8]
  private(set) var offset: Int
  private let duplicateKeys: DuplicateKeyRule
  private var cursor: SourceCursor
  private var levels: [Level] = []
  private var keys = ObjectKeys()
  private var keyPositions: [SourcePosition] = []
  private var dropped: [DroppedMember] = []
  private var warnings: [ManifestWarning] = []
  private var warningsOmitted = 0
  private var duplicate: UnreadableInput?

  /// A reader of the text from `start` on.
  init(_ bytes: [UInt8], from start: Int, duplicateKeys: DuplicateKeyRule) {
    self.bytes = bytes
    self.duplicateKeys = duplicateKeys
    offset = start
    cursor = SourceCursor(bytes, start: start)
  }

  /// The position of the byte at `offset`.
  mutating func position(atOffset offset: Int) -> SourcePosition { cursor.position(atOffset: offset) }

  /// Skips what may stand between values: whitespace, and `---` lines; false at the end of the text.
  mutating func moveToNextValue() -> Bool {
    while true {
      skipWhitespace()
      guard let separator = endOfSeparator() else { return offset < bytes.count }
      offset = separator
    }
  }

  /// Reads the value at the current place, which is not at the end.
  mutating func value() throws(Problem) -> Value {
    let start = offset
    let startPosition = cursor.position(atOffset: start)
    levels.removeAll()
    keys.removeAll()
    keyPositions = []
    dropped = []
    warnings = []
    warningsOmitted = 0
    duplicate = nil
    repeat {
      if try !openOrScalar() { continue }
      while try closeOrContinue() {}
    } while !levels.isEmpty
    if warningsOmitted > 0, let last = warnings.last {
      let message = "\(warningsOmitted) more keys of this document are set twice; they are not listed."
      warnings.append(ManifestWarning(position: last.position, message: message))
    }
    return Value(
      range: start..<offset,
      start: startPosition,
      keyPositions: keyPositions,
      dropped: dropped,
      warnings: warnings,
      duplicate: duplicate
    )
  }

  /// Reads the start of a value; true if a value is complete with it.
  private mutating func openOrScalar() throws(Problem) -> Bool {
    skipWhitespace()
    guard offset < bytes.count else { throw truncated() }
    switch bytes[offset] {
    case ASCII.leftBrace:
      try open(isObject: true)
      keys.openObject()
      skipWhitespace()
      if offset < bytes.count, bytes[offset] == ASCII.rightBrace { return true }
      try key()
      return false
    case ASCII.leftBracket:
      try open(isObject: false)
      skipWhitespace()
      return offset < bytes.count && bytes[offset] == ASCII.rightBracket
    case ASCII.quotationMark:
      try string()
      return true
    default:
      offset = try JSONScalar.end(of: bytes, at: offset)
      return true
    }
  }

  private mutating func open(isObject: Bool) throws(Problem) {
    guard levels.count < ManifestLimits.jsonNestingLevelsMax else {
      throw Problem(
        offset: offset,
        message:
          "Objects and arrays are nested deeper than \(ManifestLimits.jsonNestingLevelsMax) levels here; Kubernetes refuses "
          + "that: check how this file was generated."
      )
    }
    levels.append(Level(isObject: isObject, start: offset))
    offset += 1
  }

  /// After a value or at the end of an empty collection; true if a collection was closed and the same is due for its
  /// parent.
  private mutating func closeOrContinue() throws(Problem) -> Bool {
    guard let level = levels.last else { return false }
    skipWhitespace()
    guard offset < bytes.count else { throw truncated() }
    switch (bytes[offset], level.isObject) {
    case (ASCII.rightBrace, true), (ASCII.rightBracket, false):
      offset += 1
      if level.isObject { keys.closeObject() }
      levels.removeLast()
      return true
    case (ASCII.comma, true):
      offset += 1
      skipWhitespace()
      try key()
    case (ASCII.comma, false):
      offset += 1
      skipWhitespace()
      if offset < bytes.count, bytes[offset] == ASCII.rightBracket {
        throw Problem(
          offset: offset,
          message: "A comma stands before this ]; JSON allows none after the last element: remove it."
        )
      }
    case (_, true):
      throw Problem(
        offset: offset,
        message: "Expected , or } here, after a member of an object; add the one that is missing."
      )
    case (_, false):
      throw Problem(
        offset: offset,
        message: "Expected , or ] here, after an element of an array; add the one that is missing."
      )
    }
    return false
  }

  private mutating func key() throws(Problem) {
    guard offset < bytes.count else { throw truncated() }
    let start = offset
    switch bytes[offset] {
    case ASCII.quotationMark: try string()
    case ASCII.rightBrace:
      throw Problem(
        offset: offset,
        message: "A comma stands before this }; JSON allows none after the last member: remove it."
      )
    default:
      let message = "Expected a key in double quotation marks here; quote the key."
      throw Problem(offset: offset, message: message, isBareWord: true)
    }
    note(key: start..<offset)
    skipWhitespace()
    guard offset < bytes.count else { throw truncated() }
    guard bytes[offset] == ASCII.colon else {
      throw Problem(offset: offset, message: "Expected : here, between a key and its value; add it.")
    }
    offset += 1
  }

  private mutating func note(key range: Range<Int>) {
    let position = cursor.position(atOffset: range.lowerBound)
    let decoded = JSONStringText.decoded(bytes, in: range)
    let previous = keys.add(decoded.span, textStart: range.lowerBound, positionIndex: keyPositions.count)
    keyPositions.append(position)
    guard let previous else { return }
    let (entry, next) = (keys.entries[previous], keys.entries[previous + 1])
    let first = keyPositions[entry.positionIndex]
    guard duplicateKeys == .warn else {
      if duplicate == nil { duplicate = DuplicateKeys.error(at: position, first: first) }
      return
    }
    if warnings.count < ManifestLimits.warningsMax {
      warnings.append(ManifestWarning(position: position, message: DuplicateKeys.warning(first: first)))
    } else {
      warningsOmitted += 1
    }
    dropped.append(
      DroppedMember(text: entry.textStart..<next.textStart, positions: entry.positionIndex..<next.positionIndex)
    )
  }

  private mutating func string() throws(Problem) { offset = try JSONScalar.endOfString(bytes, at: offset) }

  private mutating func skipWhitespace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case ASCII.space, ASCII.lineFeed, ASCII.carriageReturn, ASCII.tab: offset += 1
      default: return
      }
    }
  }

  /// The end of a line `---`, with or without a comment, if one begins here.
  private func endOfSeparator() -> Int? {
    guard offset + 3 <= bytes.count, bytes[offset..<offset + 3].allSatisfy({ $0 == ASCII.minus }) else { return nil }
    guard offset == 0 || bytes[offset - 1] == ASCII.lineFeed || bytes[offset - 1] == ASCII.carriageReturn else {
      return nil
    }
    var index = offset + 3
    var isComment = false
    while index < bytes.count, bytes[index] != ASCII.lineFeed, bytes[index] != ASCII.carriageReturn {
      let isBlank = bytes[index] == ASCII.space || bytes[index] == ASCII.tab
      if bytes[index] == ASCII.numberSign, index > offset + 3 { isComment = true }
      guard isBlank || isComment else { return nil }
      index += 1
    }
    return index
  }

  private mutating func truncated() -> Problem {
    guard let level = levels.last else {
      return Problem(offset: bytes.count, message: "The text ends where a value is expected; add it.")
    }
    let (name, bracket) = level.isObject ? ("object", "}") : ("array", "]")
    return Problem(
      offset: bytes.count,
      message:
        "The text ends inside the \(name) that begins on \(cursor.position(atOffset: level.start)): its \(bracket) is "
        + "missing; the file may be cut off."
    )
  }
}

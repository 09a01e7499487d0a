// The source text behind the events: positions, a look at the raw bytes, and the budget for aliases.

/// What a transcriber knows of the input beyond its events.
struct YAMLSource {
  private let bytes: [UInt8]
  private let hasUnusualLineEnds: Bool
  private var cursor: SourceCursor
  private var expandedBytes = 0

  /// The source of one input.
  init(_ bytes: [UInt8], _ encoding: InputEncoding) {
    self.bytes = bytes
    hasUnusualLineEnds = encoding.hasUnusualLineEnds
    cursor = SourceCursor(bytes, start: encoding.textStart)
  }

  /// The position of a mark, in editors' lines.
  mutating func position(_ mark: YAMLEventReader.Mark) -> SourcePosition {
    if hasUnusualLineEnds { return cursor.position(ofCharacter: mark.character) }
    return SourcePosition(line: mark.line + 1, column: mark.column + 1)
  }

  /// The byte offset of a mark.
  mutating func offset(_ mark: YAMLEventReader.Mark) -> Int { cursor.byteOffset(ofCharacter: mark.character) }

  /// The position of the byte at `offset`.
  mutating func position(atOffset offset: Int) -> SourcePosition { cursor.position(atOffset: offset) }

  /// The position of `{{` whose second brace is at `mark`; nil if another character stands before the brace.
  mutating func templateBraces(endingAt mark: YAMLEventReader.Mark) -> SourcePosition? {
    let second = offset(mark)
    guard second > 0, second < bytes.count, bytes[second] == ASCII.leftBrace, bytes[second - 1] == ASCII.leftBrace else {
      return nil
    }
    return SourcePosition(line: position(mark).line, column: position(mark).column - 1)
  }

  /// Whether the properties of the node at `mark` have the tag `!`, which libyaml does not report.
  mutating func hasNonSpecificTag(at mark: YAMLEventReader.Mark) -> Bool {
    var index = offset(mark)
    while index < bytes.count {
      switch bytes[index] {
      case ASCII.exclamationMark: return true
      case ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn: index += 1
      case ASCII.ampersand:
        while index < bytes.count, bytes[index] > ASCII.space { index += 1 }
      case ASCII.numberSign:
        while index < bytes.count, bytes[index] != ASCII.lineFeed { index += 1 }
      default: return false
      }
    }
    return false
  }

  /// Counts what an alias at `position` adds to the output.
  mutating func charge(_ count: Int, at position: SourcePosition) throws(UnreadableInput) {
    expandedBytes += count
    guard expandedBytes > ManifestLimits.aliasExpansionBytesMax else { return }
    throw UnreadableInput(
      position: position,
      message: "Up to this alias or merge key, aliases expand to more than \(ManifestLimits.aliasExpansionBytesMax >> 20) MiB; "
        + "write the values out, or split the file."
    )
  }
}

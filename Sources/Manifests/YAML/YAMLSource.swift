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

  /// The position of `{{` of which the flow map at `mark` is one brace; nil if it has no brace beside it.
  mutating func templateBraces(at mark: YAMLEventReader.Mark) -> SourcePosition? {
    let brace = offset(mark)
    guard brace < bytes.count, bytes[brace] == ASCII.leftBrace else { return nil }
    if brace > 0, bytes[brace - 1] == ASCII.leftBrace { return cursor.position(atOffset: brace - 1) }
    return brace + 1 < bytes.count && bytes[brace + 1] == ASCII.leftBrace ? cursor.position(atOffset: brace) : nil
  }

  /// Counts what an alias at `position` adds to the output.
  mutating func charge(_ count: Int, at position: SourcePosition) throws(UnreadableInput) {
    expandedBytes += count
    guard expandedBytes > ManifestLimits.aliasExpansionBytesMax else { return }
    throw UnreadableInput(
      position: position,
      message:
        "Up to this alias or merge key, aliases expand to more than \(ManifestLimits.aliasExpansionBytesMax >> 20) MiB; "
        + "write the values out, or split the file."
    )
  }
}

// Walks a text once to tell lines and columns.

/// Turns byte offsets and character indexes into positions.
///
/// Asking in ascending order costs one pass over the text in total; going back starts again from the beginning, so that
/// is for errors only.
struct SourceCursor {
  private let bytes: [UInt8]
  private let start: Int
  private var offset: Int
  private var character = 0
  private var line = 1
  private var column = 1

  /// A cursor on `bytes`, whose text begins at `start` (behind a byte order mark).
  init(_ bytes: [UInt8], start: Int) {
    self.bytes = bytes
    self.start = start
    offset = start
  }

  /// The position of the byte at `target`; offsets past the end mean the end.
  mutating func position(atOffset target: Int) -> SourcePosition {
    if target < offset { rewind() }
    while offset < target, offset < bytes.count { step() }
    return SourcePosition(line: line, column: column)
  }

  /// The position of the character with the given index, counted from 0 at the start of the text.
  mutating func position(ofCharacter target: Int) -> SourcePosition {
    _ = byteOffset(ofCharacter: target)
    return SourcePosition(line: line, column: column)
  }

  /// The byte offset of the character with the given index.
  mutating func byteOffset(ofCharacter target: Int) -> Int {
    if target < character { rewind() }
    while character < target, offset < bytes.count { step() }
    return offset
  }

  private mutating func rewind() { self = SourceCursor(bytes, start: start) }

  private mutating func step() {
    let byte = bytes[offset]
    offset += 1
    while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    character += 1
    let endsLine = byte == ASCII.lineFeed || (byte == ASCII.carriageReturn && !isLineFeed(at: offset))
    line += endsLine ? 1 : 0
    column = endsLine ? 1 : column + 1
  }

  private func isLineFeed(at index: Int) -> Bool { index < bytes.count && bytes[index] == ASCII.lineFeed }
}

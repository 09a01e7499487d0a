// How much room text takes on a terminal.

/// Columns of a terminal that text takes, and text cut to them.
enum TextWidth {
  /// Scalars looked at per column of room: one character may carry any number of accents.
  private static let scalarsPerColumn = 8

  /// The columns that one line of text takes.
  static func columns(_ text: String) -> Int {
    if isPlain(text) { return text.utf8.count }
    return text.reduce(0) { $0 + columns($1) }
  }

  /// The text, cut to `width` columns with `…` at its end where it is longer.
  static func fitted(_ text: String, to width: Int) -> String {
    if text.utf8.count <= width, isPlain(text) { return text }
    let head = text.unicodeScalars.prefix((width + 1) * scalarsPerColumn)
    let isWhole = head.endIndex == text.unicodeScalars.endIndex
    var kept = ""
    var used = 0
    // What fits with the mark behind it, in case the mark is needed.
    var marked = ""
    for character in String(head) {
      used += columns(character)
      if used > width { return width > 0 ? marked + "…" : "" }
      kept.append(character)
      if used < width { marked = kept }
    }
    return isWhole ? kept : marked + "…"
  }

  /// The text with spaces up to `width` columns.
  static func padding(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - columns(text)))
  }

  private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }

  private static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    let isEmoji = scalar.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{FE0F}")
    return isEmoji || wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  /// East Asian Wide and Fullwidth (Unicode Standard Annex 11), in whole blocks.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265,
    0x20000...0x3FFFD,
  ]
}

// Recognises a Helm or Go template that was not rendered.

/// Finds template actions, `{{ … }}`, in text that is meant to be YAML.
enum HelmTemplate {
  /// What is said about a template.
  static let message =
    "This looks like a Helm template that was not rendered; run `helm template` and check its output."

  /// The sentence that follows every error after which the rest of an input is lost.
  static let restUnread = " Nothing after this place in the input was read."

  /// The offset of the first `{{` in the stretch that is not in a comment, a quoted string or a block scalar.
  ///
  /// The text is not valid YAML, or nobody would ask; so this goes line by line and knows indentation, quotes and `#`
  /// only.
  static func firstAction(in bytes: [UInt8], from start: Int, to end: Int) -> Int? {
    var lineStart = start
    var blockIndent: Int?
    var quote: UInt8?
    while lineStart < end {
      var lineEnd = lineStart
      while lineEnd < end, bytes[lineEnd] != ASCII.lineFeed, bytes[lineEnd] != ASCII.carriageReturn { lineEnd += 1 }
      var content = lineStart
      while content < lineEnd, bytes[content] == ASCII.space { content += 1 }
      let indent = content - lineStart
      if let block = blockIndent, content < lineEnd, indent <= block { blockIndent = nil }
      if blockIndent == nil {
        let line = Line(bytes, content..<lineEnd, quote: quote)
        if let action = line.action { return action }
        quote = line.openQuote
        if line.opensBlock { blockIndent = indent }
      }
      lineStart = lineEnd + 1
    }
    return nil
  }

  /// What one line outside of block scalars has.
  private struct Line {
    var action: Int?
    var openQuote: UInt8?
    var opensBlock = false

    init(_ bytes: [UInt8], _ range: Range<Int>, quote: UInt8?) {
      openQuote = quote
      var lastWordStart = range.lowerBound
      var index = range.lowerBound
      scan: while index < range.upperBound {
        let byte = bytes[index]
        let previous = index > range.lowerBound ? bytes[index - 1] : ASCII.space
        let isAtTokenStart =
          previous == ASCII.space || previous == ASCII.tab || previous == ASCII.leftBracket
          || previous == ASCII.leftBrace || previous == ASCII.comma
        if let quote = openQuote {
          if byte == ASCII.backslash, quote == ASCII.quotationMark { index += 1 }
          if byte == quote { openQuote = nil }
        } else {
          switch byte {
          case ASCII.numberSign where previous == ASCII.space || previous == ASCII.tab: break scan
          case ASCII.quotationMark where isAtTokenStart, ASCII.apostrophe where isAtTokenStart: openQuote = byte
          case ASCII.leftBrace where index + 1 < range.upperBound && bytes[index + 1] == ASCII.leftBrace:
            action = index
            return
          default: break
          }
        }
        if previous == ASCII.space, byte != ASCII.space { lastWordStart = index }
        index += 1
      }
      // A block scalar's header: | or >, then at most an indentation and a chomping indicator.
      let header = bytes[lastWordStart..<max(lastWordStart, min(index, range.upperBound))].filter { $0 != ASCII.space }
      opensBlock =
        openQuote == nil && (header.first == UInt8(ascii: "|") || header.first == UInt8(ascii: ">"))
        && header.count <= 3
        && header.dropFirst().allSatisfy { ASCII.isDigit($0) || $0 == ASCII.plus || $0 == ASCII.minus }
    }
  }
}

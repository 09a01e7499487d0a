// Turns libyaml's complaint into a sentence a developer understands.

/// Explains YAML syntax errors.
enum YAMLSyntax {
  /// The error for a parser failure: a template that was not rendered, a tab, or libyaml's own words with a hint.
  static func explain(
    _ failure: YAMLEventReader.Failure,
    in bytes: [UInt8],
    range: Range<Int>,
    documentStart: Int,
    errorOffset: Int,
    source: inout YAMLSource
  ) -> UnreadableInput {
    let lineEnd = endOfLine(bytes, from: errorOffset, limit: range.upperBound)
    if let braces = HelmTemplate.firstAction(in: bytes, from: documentStart, to: lineEnd) {
      return UnreadableInput(
        position: source.position(atOffset: braces),
        message: HelmTemplate.message + HelmTemplate.restUnread
      )
    }
    if let tab = indentingTab(bytes, around: errorOffset, range: range) {
      return UnreadableInput(
        position: source.position(atOffset: tab),
        message: "A tab cannot indent YAML (\(failure.problem)); use spaces." + HelmTemplate.restUnread
      )
    }
    var message = "This is not valid YAML: \(failure.problem)"
    if !failure.context.isEmpty { message += " \(failure.context)" }
    if let mark = failure.contextMark, mark.line != failure.mark.line {
      message += " that begins on line \(source.position(mark).line)"
    }
    return UnreadableInput(
      position: source.position(atOffset: errorOffset),
      message: message + "; \(hint(for: failure))." + HelmTemplate.restUnread
    )
  }

  private static func hint(for failure: YAMLEventReader.Failure) -> String {
    switch failure.problem {
    case "mapping values are not allowed in this context":
      "quote a value that contains \": \", or correct the indentation"
    case "did not find expected key", "did not find expected '-' indicator":
      "check that this line is indented like its siblings"
    case "could not find expected ':'": "a key needs a colon and a space behind it"
    case "found unexpected end of stream": "a quotation mark is not closed"
    case "found character that cannot start any token": "quote a value that begins with this character"
    case "did not find expected <document start>":
      "check the indentation, and put --- on a line of its own between documents"
    case "did not find expected ',' or '}'": "close the map with }, and separate its entries by commas"
    case "did not find expected ',' or ']'": "close the list with ], and separate its elements by commas"
    case "found incompatible YAML document":
      "only %YAML 1.1 and 1.2 are read, and kubectl takes neither: remove the line"
    case "found undefined tag handle": "remove the tag"
    default: "check the indentation and the quotation marks here"
    }
  }

  /// A tab before the first other character of the line of the error, or at the error itself.
  private static func indentingTab(_ bytes: [UInt8], around offset: Int, range: Range<Int>) -> Int? {
    var start = min(offset, range.upperBound)
    while start > range.lowerBound, !isLineEnd(bytes[start - 1]) { start -= 1 }
    var index = start
    while index < range.upperBound, bytes[index] == ASCII.space { index += 1 }
    if index < range.upperBound, bytes[index] == ASCII.tab { return index }
    return offset < range.upperBound && bytes[offset] == ASCII.tab ? offset : nil
  }

  private static func endOfLine(_ bytes: [UInt8], from offset: Int, limit: Int) -> Int {
    var end = offset
    while end < limit, !isLineEnd(bytes[end]) { end += 1 }
    return end
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == ASCII.lineFeed || byte == ASCII.carriageReturn }
}

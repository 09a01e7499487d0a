// Takes apart JSON text that this module has rendered itself.

/// The elements or members of a compact JSON object or array.
///
/// The text is known to be well-formed and without whitespace, so that this looks at structure only.
struct RenderedParts {
  /// One element, or one member with its key.
  struct Part {
    /// Offsets in the text.
    let text: Range<Int>
    /// How many keys stand in it.
    let keys: Int
  }

  private(set) var parts: [Part] = []

  /// The parts of the object or array that fills `range`.
  init(of bytes: [UInt8], in range: Range<Int>) {
    var depth = 0
    var isInString = false
    var start = range.lowerBound + 1
    var keys = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      let byte = bytes[offset]
      if isInString {
        if byte == ASCII.backslash { offset += 1 }
        isInString = byte != ASCII.quotationMark
      } else {
        switch byte {
        case ASCII.quotationMark: isInString = true
        case ASCII.leftBrace, ASCII.leftBracket: depth += 1
        case ASCII.rightBrace, ASCII.rightBracket: depth -= 1
        case ASCII.colon: keys += 1
        default: break
        }
        if depth == 0 || (depth == 1 && byte == ASCII.comma) {
          if start < offset { parts.append(Part(text: start..<offset, keys: keys)) }
          start = offset + 1
          keys = 0
        }
      }
      offset += 1
    }
  }

  /// The key of a member, quotation marks included.
  static func key(of member: Part, in bytes: [UInt8]) -> Range<Int> {
    var offset = member.text.lowerBound + 1
    while bytes[offset] != ASCII.quotationMark { offset += bytes[offset] == ASCII.backslash ? 2 : 1 }
    return member.text.lowerBound..<offset + 1
  }
}

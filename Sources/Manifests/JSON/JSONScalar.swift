// The syntax of JSON strings, numbers and literals (RFC 8259, sections 3, 6 and 7).

/// Finds the ends of JSON scalars and refuses what is none.
enum JSONScalar {
  /// The offset behind the number or literal at `start`.
  static func end(of bytes: [UInt8], at start: Int) throws(JSONText.Problem) -> Int {
    let byte = bytes[start]
    if byte == ASCII.minus || ASCII.isDigit(byte) { return try endOfNumber(bytes, at: start) }
    for literal in ["true", "false", "null"] {
      let end = start + literal.utf8.count
      if end <= bytes.count, bytes[start..<end].elementsEqual(literal.utf8), !isWordByte(bytes, at: end) { return end }
    }
    if byte == ASCII.comma || byte == ASCII.rightBrace || byte == ASCII.rightBracket || byte == ASCII.colon {
      throw JSONText.Problem(offset: start, message: "Expected a value here; add it, or remove what asks for one.")
    }
    throw JSONText.Problem(
      offset: start,
      message:
        "Expected a JSON value here: text needs double quotation marks, and only true, false and null go without.",
      isBareWord: true
    )
  }

  /// The offset behind the string whose quotation mark is at `start`.
  static func endOfString(_ bytes: [UInt8], at start: Int) throws(JSONText.Problem) -> Int {
    var offset = start + 1
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == ASCII.quotationMark { return offset + 1 }
      if byte == ASCII.backslash {
        offset = try endOfEscape(bytes, at: offset)
      } else if byte < 0x20 {
        throw JSONText.Problem(
          offset: offset,
          message:
            "A line end, tab or other control character stands inside a string; write it as an escape such as \\n, or close "
            + "the string before it."
        )
      } else {
        offset += 1
      }
    }
    throw JSONText.Problem(offset: start, message: "The string that begins here is not closed; add its quotation mark.")
  }

  private static func endOfEscape(_ bytes: [UInt8], at backslash: Int) throws(JSONText.Problem) -> Int {
    guard backslash + 1 < bytes.count else { return bytes.count }
    switch bytes[backslash + 1] {
    case ASCII.quotationMark, ASCII.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      return backslash + 2
    case UInt8(ascii: "u"):
      let end = min(backslash + 6, bytes.count)
      if bytes[backslash + 2..<end].allSatisfy({ ASCII.hexadecimalValue($0) != nil }) { return end }
    default: break
    }
    throw JSONText.Problem(
      offset: backslash,
      message: "This escape is none of JSON's; write \\\\ for a backslash, or \\u and four hexadecimal digits."
    )
  }

  private static func endOfNumber(_ bytes: [UInt8], at start: Int) throws(JSONText.Problem) -> Int {
    var offset = start + (bytes[start] == ASCII.minus ? 1 : 0)
    let first = offset
    skipDigits(bytes, &offset)
    var isValid = offset > first && (bytes[first] != ASCII.zero || offset == first + 1)
    if offset < bytes.count, bytes[offset] == ASCII.period {
      offset += 1
      let fraction = offset
      skipDigits(bytes, &offset)
      isValid = isValid && offset > fraction
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if offset < bytes.count, bytes[offset] == ASCII.plus || bytes[offset] == ASCII.minus { offset += 1 }
      let power = offset
      skipDigits(bytes, &offset)
      isValid = isValid && offset > power
    }
    guard isValid, !isWordByte(bytes, at: offset) else {
      throw JSONText.Problem(
        offset: start,
        message: "This is not a JSON number; write it as in 10, -0.5 or 1e3, or quote it."
      )
    }
    return offset
  }

  private static func skipDigits(_ bytes: [UInt8], _ offset: inout Int) {
    while offset < bytes.count, ASCII.isDigit(bytes[offset]) { offset += 1 }
  }

  /// Whether a number or literal goes on where it should end.
  private static func isWordByte(_ bytes: [UInt8], at offset: Int) -> Bool {
    guard offset < bytes.count else { return false }
    let byte = bytes[offset]
    let letter = byte | 0x20
    return ASCII.isDigit(byte) || (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z"))
      || byte == ASCII.underscore
      || byte == ASCII.period || byte == ASCII.plus || byte == ASCII.minus || byte >= 0x80
  }
}

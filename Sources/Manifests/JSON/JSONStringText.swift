// The text that a JSON string stands for.

/// Resolves the escapes of a JSON string whose syntax was checked before.
enum JSONStringText {
  /// The text between the quotation marks at the ends of `range`, in UTF-8; a lone surrogate becomes U+FFFD, as in Go.
  static func decoded(_ bytes: [UInt8], in range: Range<Int>) -> [UInt8] {
    let end = range.upperBound - 1
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var offset = range.lowerBound + 1
    while offset < end {
      let byte = bytes[offset]
      guard byte == ASCII.backslash else {
        text.append(byte)
        offset += 1
        continue
      }
      switch bytes[offset + 1] {
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        var unit = codeUnit(bytes, at: offset + 2)
        offset += 4
        if (0xD800..<0xDC00).contains(unit), offset + 7 < end, bytes[offset + 2] == ASCII.backslash,
          bytes[offset + 3] == UInt8(ascii: "u")
        {
          let low = codeUnit(bytes, at: offset + 4)
          if (0xDC00..<0xE000).contains(low) {
            unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            offset += 6
          }
        }
        text.append(contentsOf: Character(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
      default: text.append(bytes[offset + 1])
      }
      offset += 2
    }
    return text
  }

  private static func codeUnit(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 << 4 | UInt32(ASCII.hexadecimalValue(bytes[offset + $1]) ?? 0) }
  }
}

// Base64 as Go's encoding/base64.StdEncoding reads it, for !!binary.

/// Decodes base64 with padding; line ends are skipped, all else is refused.
enum Base64 {
  /// The decoded bytes as text: what is not UTF-8 becomes U+FFFD, as in Go's JSON; nil if this is not base64.
  static func decoded(_ text: Span<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var symbols = 0
    var padding = 0
    for index in text.indices where text[index] != ASCII.lineFeed && text[index] != ASCII.carriageReturn {
      // Padding ends the text: nothing follows a complete group that has some.
      if padding > 0, symbols % 4 == 0 { return nil }
      symbols += 1
      if text[index] == UInt8(ascii: "=") {
        padding += 1
        bits <<= 6
      } else {
        guard padding == 0, let value = value(of: text[index]) else { return nil }
        bits = bits << 6 | value
      }
      guard symbols % 4 == 0 else { continue }
      guard padding <= 2 else { return nil }
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      if padding < 2 { bytes.append(UInt8(truncatingIfNeeded: bits >> 8)) }
      if padding < 1 { bytes.append(UInt8(truncatingIfNeeded: bits)) }
    }
    guard symbols % 4 == 0 else { return nil }
    return Array(String(decoding: bytes, as: UTF8.self).utf8)
  }

  private static func value(of byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
    case ASCII.zero...ASCII.nine: UInt32(byte - ASCII.zero) + 52
    case ASCII.plus: 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}

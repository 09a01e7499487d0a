// Looks over the bytes of an input before anything parses them: which encoding, and what no parser may see.

/// What the bytes of an input are.
struct InputEncoding {
  /// Something in the bytes that cannot be read, with the offset at which it stands.
  struct Problem {
    let offset: Int
    let message: String
  }

  /// Where the text begins: behind a UTF-8 byte order mark, else 0.
  private(set) var textStart = 0
  /// The first place that is no UTF-8 at all, for any format.
  private(set) var malformed: Problem?
  /// The first character that YAML does not allow (JSON may).
  private(set) var notForYAML: Problem?
  /// Whether U+0085, U+2028 or U+2029 occur, which libyaml counts as line ends and editors do not.
  private(set) var hasUnusualLineEnds = false
  /// How many lines begin with `%TAG`.
  private(set) var tagDirectives = 0

  /// Looks at every byte once.
  init(of bytes: [UInt8]) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { textStart = 3 }
    if let name = Self.nameOfOtherEncoding(bytes) {
      malformed = Problem(offset: 0, message: "The input is \(name); save it as UTF-8.")
      return
    }
    var offset = textStart
    let end = bytes.count
    while offset < end {
      let byte = bytes[offset]
      if byte >= 0x20, byte < 0x7F {
        if byte == UInt8(ascii: "%"), Self.isTagDirective(bytes, at: offset) { tagDirectives += 1 }
        offset += 1
      } else if byte < 0x80 {
        if byte != ASCII.lineFeed, byte != ASCII.carriageReturn, byte != ASCII.tab { refuse(byte, at: offset) }
        offset += 1
      } else {
        guard let (scalar, length) = Self.scalar(in: bytes, at: offset) else {
          malformed = Problem(
            offset: offset,
            message:
              "The byte 0x\(Self.hexadecimal(UInt32(byte), digits: 2)) here is not valid UTF-8; save the input as UTF-8."
          )
          return
        }
        if scalar == 0x85 || scalar == 0x2028 || scalar == 0x2029 { hasUnusualLineEnds = true }
        if (scalar < 0xA0 && scalar != 0x85) || scalar == 0xFFFE || scalar == 0xFFFF { refuse(scalar, at: offset) }
        offset += length
      }
    }
  }

  private mutating func refuse(_ scalar: some BinaryInteger, at offset: Int) {
    guard notForYAML == nil else { return }
    let name =
      scalar == 0
      ? "A NUL character (U+0000)" : "The control character U+\(Self.hexadecimal(UInt32(scalar), digits: 4))"
    notForYAML = Problem(
      offset: offset,
      message: "\(name) is not allowed in YAML; remove it, or write it as an escape in a double-quoted string."
    )
  }

  /// UTF-16 and UTF-32 are told by their byte order marks, or by the zero bytes around an ASCII character that opens
  /// the text.
  private static func nameOfOtherEncoding(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
    if bytes.starts(with: [0xFF, 0xFE]) { return "UTF-16 (little-endian)" }
    if bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16 (big-endian)" }
    guard bytes.count >= 4 else { return nil }
    if bytes[0] != 0, bytes[1] == 0, bytes[2] != 0, bytes[3] == 0 { return "UTF-16 (little-endian)" }
    if bytes[0] == 0, bytes[1] != 0, bytes[2] == 0, bytes[3] != 0 { return "UTF-16 (big-endian)" }
    return nil
  }

  private static func isTagDirective(_ bytes: [UInt8], at offset: Int) -> Bool {
    guard offset + 4 <= bytes.count, bytes[offset..<offset + 4].elementsEqual("%TAG".utf8) else { return false }
    return offset == 0 || bytes[offset - 1] == ASCII.lineFeed || bytes[offset - 1] == ASCII.carriageReturn
      || offset == 3
  }

  /// The scalar encoded at `offset` and how many bytes it takes; nil if that is not well-formed UTF-8 (Unicode table
  /// 3-7).
  static func scalar(in bytes: [UInt8], at offset: Int) -> (UInt32, Int)? {
    let lead = bytes[offset]
    let length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    if length == 1 { return (UInt32(lead), 1) }
    guard lead >= 0xC2, lead <= 0xF4, offset + length <= bytes.count else { return nil }
    var scalar = UInt32(lead) & (0x7F >> UInt32(length))
    for index in 1..<length {
      let byte = bytes[offset + index]
      guard byte & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard scalar >= smallest, scalar <= 0x10FFFF, !(0xD800...0xDFFF).contains(scalar) else { return nil }
    return (scalar, length)
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

// What a scalar means to kubectl: go-yaml v2's resolution, which is YAML 1.1 with deviations.

/// The value of a YAML scalar.
enum YAMLScalar: Equatable {
  /// The scalar's own text.
  case string
  /// Text that differs from the scalar's own (`!!binary`).
  case decoded([UInt8])
  case boolean(Bool)
  case null
  case integer(Int64)
  case unsigned(UInt64)
  case float(Double)

  /// A scalar whose tag does not fit its text.
  struct Mismatch: Error {
    let message: String
  }

  /// What a plain scalar without a tag means.
  ///
  /// The first byte decides what it can be at all, as in go-yaml's resolve.go; a timestamp stays a string there.
  static func plain(_ text: Span<UInt8>) -> YAMLScalar {
    guard text.count > 0 else { return .null }
    switch text[0] {
    case ASCII.zero...ASCII.nine, ASCII.plus, ASCII.minus, ASCII.period:
      return number(text)
    case UInt8(ascii: "~"):
      return text.count == 1 ? .null : .string
    case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"),
      UInt8(ascii: "T"),
      UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "o"), UInt8(ascii: "O"):
      return text.count <= 5 ? word(text) : .string
    default:
      return .string
    }
  }

  /// What a scalar with an explicit tag means; a tag that is not YAML's own leaves the text a string.
  static func tagged(_ tag: String, _ text: Span<UInt8>) throws(Mismatch) -> YAMLScalar {
    let value = plain(text)
    switch (tag, value) {
    case ("tag:yaml.org,2002:bool", .boolean), ("tag:yaml.org,2002:null", .null), ("tag:yaml.org,2002:int", .integer),
      ("tag:yaml.org,2002:int", .unsigned), ("tag:yaml.org,2002:float", .float):
      return value
    case ("tag:yaml.org,2002:float", .integer(let integer)):
      return .float(Double(integer))
    case ("tag:yaml.org,2002:bool", _), ("tag:yaml.org,2002:null", _), ("tag:yaml.org,2002:int", _),
      ("tag:yaml.org,2002:float", _):
      let name = tag.split(separator: ":").last.map(String.init) ?? tag
      throw Mismatch(
        message: "The text does not fit its tag !!\(name); kubectl refuses it: correct the value or remove the tag."
      )
    case ("tag:yaml.org,2002:binary", _):
      guard let decoded = Base64.decoded(text) else {
        throw Mismatch(message: "The value of !!binary is not valid base64; correct it or remove the tag.")
      }
      return .decoded(decoded)
    default:
      return .string
    }
  }

  private static func word(_ text: Span<UInt8>) -> YAMLScalar {
    // One of these words in lower case, in upper case, or with only its first letter in upper case.
    let isUpper = text[0] & 0x20 == 0
    let isShouted = text.count > 1 && text[text.count - 1] & 0x20 == 0
    guard isUpper || !isShouted else { return .string }
    var letters: UInt64 = 0
    for index in text.indices {
      let byte = text[index]
      guard byte & 0xC0 == 0x40, index == 0 || (byte & 0x20 == 0) == isShouted else { return .string }
      letters = letters << 8 | UInt64(byte | 0x20)
    }
    switch letters {
    case 0x79, 0x79_6573, 0x7472_7565, 0x6F6E: return .boolean(true)  // y yes true on
    case 0x6E, 0x6E6F, 0x66_616C_7365, 0x6F_6666: return .boolean(false)  // n no false off
    case 0x6E75_6C6C: return .null  // null
    default: return .string
    }
  }
}

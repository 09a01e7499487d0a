// Numbers as go-yaml v2 reads them: Go's integer literals, YAML 1.1 floats, underscores anywhere.

extension YAMLScalar {
  /// What a text means that begins with a digit, a sign or a period.
  static func number(_ text: Span<UInt8>) -> YAMLScalar {
    if let special = infinityOrNaN(text) { return .float(special) }
    if text[0] == ASCII.period { return periodFloat(text) }
    var digits: [UInt8] = []
    digits.reserveCapacity(min(text.count, 32))
    for index in text.indices where text[index] != ASCII.underscore {
      // Nothing that is a number has other letters; long strings such as dates and versions leave here early.
      guard isNumeric(text[index]) else { return .string }
      digits.append(text[index])
    }
    return integer(digits) ?? float(digits) ?? signedBinary(digits) ?? .string
  }

  private static func isNumeric(_ byte: UInt8) -> Bool {
    ASCII.hexadecimalValue(byte) != nil || byte == ASCII.plus || byte == ASCII.minus || byte == ASCII.period
      || byte | 0x20 == UInt8(ascii: "x") || byte | 0x20 == UInt8(ascii: "o")
  }

  private static func infinityOrNaN(_ text: Span<UInt8>) -> Double? {
    let hasSign = text[0] == ASCII.plus || text[0] == ASCII.minus
    let first = hasSign ? 1 : 0
    guard text.count == first + 4, text[first] == ASCII.period else { return nil }
    switch (text[first + 1], text[first + 2], text[first + 3]) {
    case (UInt8(ascii: "i"), UInt8(ascii: "n"), UInt8(ascii: "f")),
      (UInt8(ascii: "I"), UInt8(ascii: "n"), UInt8(ascii: "f")),
      (UInt8(ascii: "I"), UInt8(ascii: "N"), UInt8(ascii: "F")):
      return text[0] == ASCII.minus ? -.infinity : .infinity
    case (UInt8(ascii: "n"), UInt8(ascii: "a"), UInt8(ascii: "n")),
      (UInt8(ascii: "N"), UInt8(ascii: "a"), UInt8(ascii: "N")),
      (UInt8(ascii: "N"), UInt8(ascii: "A"), UInt8(ascii: "N")):
      return hasSign ? nil : .nan
    default:
      return nil
    }
  }

  /// A text that begins with a period goes to Go's ParseFloat as it is, where an underscore must stand between digits.
  private static func periodFloat(_ text: Span<UInt8>) -> YAMLScalar {
    var digits: [UInt8] = []
    for index in text.indices {
      guard text[index] == ASCII.underscore else {
        digits.append(text[index])
        continue
      }
      guard index > 0, index + 1 < text.count, ASCII.isDigit(text[index - 1]), ASCII.isDigit(text[index + 1]) else {
        return .string
      }
    }
    return float(digits) ?? .string
  }

  /// Go's `strconv.ParseInt(text, 0, 64)` and `ParseUint`: 0x, 0o, 0b in either case, and a leading 0 for octal.
  private static func integer(_ digits: [UInt8]) -> YAMLScalar? {
    var rest = digits[...]
    let isNegative = rest.first == ASCII.minus
    let hasSign = isNegative || rest.first == ASCII.plus
    if hasSign { rest = rest.dropFirst() }
    var radix: UInt64 = 10
    if rest.count > 1, rest.first == ASCII.zero {
      switch rest[rest.startIndex + 1] | 0x20 {
      case UInt8(ascii: "x"): (radix, rest) = (16, rest.dropFirst(2))
      case UInt8(ascii: "o"): (radix, rest) = (8, rest.dropFirst(2))
      case UInt8(ascii: "b"): (radix, rest) = (2, rest.dropFirst(2))
      default: (radix, rest) = (8, rest.dropFirst())
      }
    }
    guard let magnitude = magnitude(rest, radix: radix) else { return nil }
    if isNegative {
      guard magnitude <= 1 << 63 else { return nil }
      return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
    }
    if magnitude <= UInt64(Int64.max) { return .integer(Int64(magnitude)) }
    return hasSign ? nil : .unsigned(magnitude)
  }

  private static func magnitude(_ digits: ArraySlice<UInt8>, radix: UInt64) -> UInt64? {
    guard !digits.isEmpty else { return nil }
    var value: UInt64 = 0
    for byte in digits {
      guard let digit = ASCII.hexadecimalValue(byte), digit < radix else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }

  /// go-yaml reads what follows `0b` with a sign of its own, so that `0b-11` is -3.
  private static func signedBinary(_ digits: [UInt8]) -> YAMLScalar? {
    guard digits.starts(with: [ASCII.zero, UInt8(ascii: "b")]), digits.count > 3 else { return nil }
    guard digits[2] == ASCII.minus || digits[2] == ASCII.plus else { return nil }
    guard let magnitude = magnitude(digits[3...], radix: 2), magnitude <= UInt64(Int64.max) else { return nil }
    return .integer(digits[2] == ASCII.minus ? -Int64(magnitude) : Int64(magnitude))
  }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; what a double cannot hold stays a string, as in go-yaml.
  private static func float(_ digits: [UInt8]) -> YAMLScalar? {
    var rest = digits[...]
    if rest.first == ASCII.plus || rest.first == ASCII.minus { rest = rest.dropFirst() }
    let whole = rest.prefix(while: ASCII.isDigit)
    rest = rest.dropFirst(whole.count)
    var hasFraction = false
    if rest.first == ASCII.period {
      let fraction = rest.dropFirst().prefix(while: ASCII.isDigit)
      hasFraction = !fraction.isEmpty
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard !whole.isEmpty || hasFraction else { return nil }
    if let exponent = rest.first, exponent | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if rest.first == ASCII.plus || rest.first == ASCII.minus { rest = rest.dropFirst() }
      let power = rest.prefix(while: ASCII.isDigit)
      guard !power.isEmpty else { return nil }
      rest = rest.dropFirst(power.count)
    }
    guard rest.isEmpty, let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else { return nil }
    return .float(value)
  }
}

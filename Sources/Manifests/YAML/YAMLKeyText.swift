// How a key that is not a string becomes one, as sigs.k8s.io/yaml does it.

extension YAMLScalar {
  /// The key that kubectl makes of this value; nil for the string's own text.
  ///
  /// Null and integers beyond 64 bits with sign are refused there, and so here.
  func keyText() throws(Mismatch) -> [UInt8]? {
    switch self {
    case .string: return nil
    case .decoded(let bytes): return bytes
    case .boolean(let value): return Array((value ? "true" : "false").utf8)
    case .integer(let value): return Array(String(value).utf8)
    case .float(let value): return Array(Self.shortestSingle(value).utf8)
    case .null:
      throw Mismatch(
        message:
          "A key must not be empty or null; kubectl refuses it: write the key, or quote it if it is meant as text."
      )
    case .unsigned:
      throw Mismatch(message: "This number is too large for a key; kubectl refuses it: quote the key.")
    }
  }

  /// Go's `FormatFloat(value, 'g', -1, 32)`: the shortest digits that identify the value as a 32-bit float.
  private static func shortestSingle(_ value: Double) -> String {
    let single = Float(value)
    if single.isNaN { return ".nan" }
    if single.isInfinite { return single < 0 ? "-.inf" : ".inf" }
    let sign = single.sign == .minus ? "-" : ""
    if single == 0 { return sign + "0" }
    // The digits and the exponent of the standard library's own shortest form, such as 1.5e+10 or 0.25.
    let parts = single.magnitude.description.split(separator: "e")
    let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = (parts.first ?? "0").split(separator: ".", omittingEmptySubsequences: false)
    let whole = halves.first ?? ""
    let all = Array((whole + (halves.count > 1 ? halves[1] : "")).utf8)
    let leadingZeros = all.prefix { $0 == ASCII.zero }.count
    var digits = all.dropFirst(leadingZeros)
    while digits.count > 1, digits.last == ASCII.zero { digits.removeLast() }
    let exponent = whole.utf8.count - leadingZeros - 1 + power
    let text = String(decoding: digits, as: UTF8.self)
    if exponent < -4 || exponent >= 6 {
      let fraction = text.count > 1 ? "." + text.dropFirst() : ""
      let magnitude = String(exponent.magnitude)
      return sign + text.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+") + (magnitude.count < 2 ? "0" : "")
        + magnitude
    }
    if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + text }
    if text.count <= exponent + 1 { return sign + text + String(repeating: "0", count: exponent + 1 - text.count) }
    return sign + text.prefix(exponent + 1) + "." + text.dropFirst(exponent + 1)
  }
}

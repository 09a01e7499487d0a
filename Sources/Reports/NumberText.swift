// Numbers as people read them.

/// Numbers with separators and units.
package enum NumberText {
  private static let byteUnits = ["kB", "MB", "GB", "TB", "PB", "EB"]

  /// `1,203,311`.
  static func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude).utf8)
    var text = number < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place).isMultiple(of: 3) { text += "," }
      text.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return text
  }

  /// `1 file`, `1,203 files`.
  package static func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  /// `1 of them is`, `1,203 of them are`.
  package static func counted(_ count: Int, _ one: String, _ many: String) -> String {
    "\(grouped(count)) \(count == 1 ? one : many)"
  }

  /// `999 B`, `1.2 GB`, `612 MB`: powers of 1,000, one decimal below 10.
  static func bytes(_ count: Int) -> String {
    guard count >= 1_000 else { return "\(max(0, count)) B" }
    var value = Double(count) / 1_000
    var unit = 0
    while value >= 999.5, unit < byteUnits.count - 1 {
      value /= 1_000
      unit += 1
    }
    return "\(value < 9.95 ? tenths(value) : String(Int(value.rounded()))) \(byteUnits[unit])"
  }

  /// `3 s`, `2 min 10 s`, `1 h 5 min`; more than a year is that.
  static func duration(seconds: Double) -> String {
    guard seconds < 365 * 86_400 else { return "over a year" }
    let whole = Int(max(0, seconds).rounded(.up))
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3_600: return "\(whole / 60) min \(whole % 60) s"
    default: return "\(grouped(whole / 3_600)) h \(whole % 3_600 / 60) min"
    }
  }

  /// `24 Hour`, `7 Day`, `90 Second`, as titles have it.
  static func span(_ seconds: Int64) -> String {
    if seconds > 86_400, seconds.isMultiple(of: 86_400) { return "\(seconds / 86_400) Day" }
    return seconds.isMultiple(of: 3_600) ? "\(seconds / 3_600) Hour" : "\(seconds) Second"
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths.isMultiple(of: 10) ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
  }
}

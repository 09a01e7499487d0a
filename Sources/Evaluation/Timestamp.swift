// A moment in UTC, written and read the way Kubernetes writes times, without Foundation.

/// A moment, in microseconds since 1970-01-01T00:00:00Z (the precision of Kubernetes' MicroTime).
package struct Timestamp: Sendable, Hashable, Comparable {
  /// Microseconds since the epoch.
  package let microseconds: Int64

  /// Creates a moment from microseconds since the epoch.
  package init(microseconds: Int64) { self.microseconds = microseconds }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

  /// The moment `seconds` later, or earlier when negative.
  package func adding(seconds: Int64) -> Timestamp { Timestamp(microseconds: microseconds + seconds * 1_000_000) }

  /// The last moment up to this one that is a whole number of widths from the epoch, also before it.
  package func rounded(downTo widthMicroseconds: Int64) -> Timestamp {
    Timestamp(microseconds: microseconds - Self.floorDivide(microseconds, widthMicroseconds).remainder)
  }
}

extension Timestamp {
  /// For people: as `description`, without decimals where they are zeros.
  package var brief: String {
    microseconds % 1_000_000 == 0 ? "\(description.dropLast(".000000Z".count))Z" : description
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with six decimals, as in `2026-11-23T16:43:03.000000Z`.
  package var description: String {
    let (seconds, fraction) = Self.floorDivide(microseconds, 1_000_000)
    let (days, secondOfDay) = Self.floorDivide(seconds, 86_400)
    let (year, month, day) = Self.civil(daysSinceEpoch: days)
    var text = Array("0000-00-00T00:00:00.000000Z".utf8)
    Self.write(month, to: &text, upTo: 7)
    Self.write(day, to: &text, upTo: 10)
    Self.write(secondOfDay / 3_600, to: &text, upTo: 13)
    Self.write(secondOfDay / 60 % 60, to: &text, upTo: 16)
    Self.write(secondOfDay % 60, to: &text, upTo: 19)
    Self.write(fraction, to: &text, upTo: 26)
    // RFC 3339 has no other years, but a person can tell what is meant.
    guard (0...9_999).contains(year) else { return String(year) + String(decoding: text[4...], as: UTF8.self) }
    Self.write(year, to: &text, upTo: 4)
    return String(decoding: text, as: UTF8.self)
  }

  /// Writes a number over zeros, its last digit in front of `end`.
  private static func write(_ number: Int64, to text: inout [UInt8], upTo end: Int) {
    var rest = UInt32(truncatingIfNeeded: number)
    var place = end
    while rest > 0 {
      place -= 1
      text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }

  /// Reads RFC 3339 with any number of decimals and any offset; nil when `text` is something else.
  package init?(rfc3339 text: String) {
    var reader = DigitReader(text)
    guard
      let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2), reader.skip("-"),
      let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
      let hour = reader.number(digits: 2), reader.skip(":"), let minute = reader.number(digits: 2), reader.skip(":"),
      let second = reader.number(digits: 2), (1...12).contains(month),
      (1...Self.days(in: month, of: year)).contains(day),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    var fraction: Int64 = 0
    if reader.skip(".") {
      guard let micros = reader.fraction() else { return nil }
      fraction = micros
    }
    guard let offset = reader.offsetSeconds(), reader.isAtEnd else { return nil }
    let days = Self.daysSinceEpoch(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    self.init(microseconds: seconds * 1_000_000 + fraction)
  }

  /// How many days a month of the Gregorian calendar has.
  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let remainder = ((value % divisor) + divisor) % divisor
    return ((value - remainder) / divisor, remainder)
  }

  /// Days from the epoch to a date of the proleptic Gregorian calendar; years start in March, so leap days come last.
  private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    let marchYear = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = floorDivide(marchYear, 400)
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = floorDivide(daysSinceEpoch + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }
}

/// Reads fixed-width decimal fields from ASCII.
private struct DigitReader {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = Substring(text).utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard let first = rest.first, first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(digits: Int) -> Int64? {
    var value: Int64 = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// Decimals as microseconds; digits beyond the sixth are dropped.
  mutating func fraction() -> Int64? {
    guard var value = digit() else { return nil }
    var read = 1
    while let digit = digit() {
      if read < 6 { value = value * 10 + digit }
      read += 1
    }
    while read < 6 {
      value *= 10
      read += 1
    }
    return value
  }

  mutating func offsetSeconds() -> Int64? {
    if skip("Z") || skip("z") { return 0 }
    let sign: Int64
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2) else { return nil }
    return sign * (hours * 3_600 + minutes * 60)
  }

  private mutating func digit() -> Int64? {
    guard let first = rest.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") else { return nil }
    rest.removeFirst()
    return Int64(first - UInt8(ascii: "0"))
  }
}

// Looking at the bytes of a line without making text of them.

internal import CLineScan

/// What can be said of bytes at a place.
enum TextBytes {
  /// Whether a known text stands at a place.
  static func equals(_ known: StaticString, _ text: Span<UInt8>, at start: Int) -> Bool {
    let count = known.utf8CodeUnitCount
    guard start >= 0, count <= text.count - start else { return false }
    for offset in 0..<count {
      guard unsafe text[start + offset] == known.utf8Start[offset] else { return false }
    }
    return true
  }

  /// Where a known text first stands at or behind a place.
  static func find(_ known: StaticString, _ text: Span<UInt8>, from start: Int) -> Int? {
    guard start >= 0, start < text.count else { return nil }
    return unsafe text.withUnsafeBytes { bytes -> Int? in
      guard let base = bytes.baseAddress,
        let found = unsafe hostfence_find(base + start, bytes.count - start, known.utf8Start, known.utf8CodeUnitCount)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }

  /// Bytes of UTF-8's byte order mark at the beginning: three or none.
  static func byteOrderMarkLength(_ text: Span<UInt8>) -> Int {
    text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF ? 3 : 0
  }

  /// Blanks, NUL, with which file systems fill what was never written before a crash, and the separator of RFC 7464.
  static func isPadding(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == 0 || byte == UInt8(ascii: "\r") || byte == 0x1E
  }

  /// The first byte at or behind a place that is no padding; the end when there is none.
  static func skipPadding(_ text: Span<UInt8>, from start: Int) -> Int {
    var place = start
    while place < text.count, isPadding(text[place]) { place += 1 }
    return place
  }

  /// Where an RFC 3339 time that begins here ends, or nil when there is none.
  static func endOfTime(_ text: Span<UInt8>, from start: Int) -> Int? {
    // 2026-01-01T00:00:00 and the zone.
    guard text.count - start >= 20, matches("dddd-dd-ddTdd:dd:dd", text, at: start) else { return nil }
    var end = start + 19
    if text[end] == UInt8(ascii: ".") || text[end] == UInt8(ascii: ",") {
      end += 1
      let last = min(text.count, end + 12)
      while end < last, isDigit(text[end]) { end += 1 }
    }
    guard end < text.count else { return nil }
    if text[end] == UInt8(ascii: "Z") { return end + 1 }
    return matches("+dd:dd", text, at: end) || matches("-dd:dd", text, at: end) ? end + 6 : nil
  }

  /// Whether text has a shape in which `d` stands for a digit, and every other byte for itself.
  static func matches(_ shape: StaticString, _ text: Span<UInt8>, at start: Int) -> Bool {
    let count = shape.utf8CodeUnitCount
    guard start >= 0, count <= text.count - start else { return false }
    for offset in 0..<count {
      let wanted = unsafe shape.utf8Start[offset]
      let byte = text[start + offset]
      guard wanted == UInt8(ascii: "d") ? isDigit(byte) : byte == wanted else { return false }
    }
    return true
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// The first byte at or behind a place that is no padding and no punctuation of an array.
  static func skipPunctuation(_ text: Span<UInt8>, from start: Int) -> Int {
    var place = start
    while place < text.count {
      let byte = text[place]
      guard byte <= UInt8(ascii: " ") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else { break }
      place += 1
    }
    return place
  }

  /// Whether text is UTF-16, by its mark or by the NULs between its letters.
  static func isWide(_ text: Span<UInt8>) -> Bool {
    guard text.count >= 2 else { return false }
    if text[0] == 0xFF && text[1] == 0xFE || text[0] == 0xFE && text[1] == 0xFF { return true }
    guard text.count >= 4 else { return false }
    let isLittleEndian = text[0] != 0 && text[1] == 0 && text[2] != 0 && text[3] == 0
    return isLittleEndian || (text[0] == 0 && text[1] != 0 && text[2] == 0 && text[3] != 0)
  }

  /// Whether a line of klog begins here, which components of Kubernetes write: `I1123 16:43:03.042000       1 x.go:1] …`.
  static func isKlogLine(_ text: Span<UInt8>, at start: Int) -> Bool {
    guard start < text.count else { return false }
    switch text[start] {
    case UInt8(ascii: "I"), UInt8(ascii: "W"), UInt8(ascii: "E"), UInt8(ascii: "F"):
      return matches("dddd dd:dd:dd.", text, at: start + 1)
    default: return false
    }
  }

  /// Whether a line begins with a time or a syslog priority, as lines of many logs do.
  static func isDatedLine(_ text: Span<UInt8>, at start: Int) -> Bool {
    if endOfTime(text, from: start) != nil { return true }
    return start + 1 < text.count && text[start] == UInt8(ascii: "<") && isDigit(text[start + 1])
  }
}

extension Span<UInt8> {
  /// A copy of all bytes.
  var copy: [UInt8] { copy(from: 0) }

  /// A copy of the bytes from a place on.
  func copy(from start: Int) -> [UInt8] {
    unsafe withUnsafeBufferPointer { unsafe Array($0[start...]) }
  }
}

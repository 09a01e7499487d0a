// The vector loop against a plain one.

import CLineScan
import TestSupport
import Testing

@Suite struct LineScanTests {
  struct Line: Equatable {
    var begin: Int
    var end: Int
    var marks: UInt32
  }

  private func scanned(_ text: [UInt8], from offset: Int = 0, batch: Int) -> [Line] {
    let padded = text + [UInt8](repeating: 0x74, count: Int(HOSTFENCE_SCAN_PADDING_BYTES))
    var found: [Line] = []
    var lines = [hostfence_line](repeating: hostfence_line(), count: batch)
    var next = offset
    while next < text.count {
      let count = hostfence_scan_lines(padded, text.count, next, &lines, batch)
      guard count > 0 else { break }
      for line in lines[..<count] { found.append(Line(begin: Int(line.begin), end: Int(line.end), marks: line.marks)) }
      next = Int(lines[count - 1].end) + 1
    }
    return found
  }

  /// The same, one byte after the other.
  private func expected(_ text: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var begin = 0
    while begin < text.count {
      let end = text[begin...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      let line = String(decoding: text[begin..<end], as: UTF8.self)
      var marks: UInt32 = 0
      if line.contains(/.hostNetwork\\/.ignoresCase()) { marks |= UInt32(HOSTFENCE_LINE_QUOTES_HOST_NETWORK) }
      if line.contains(/\/hostNetwork"|"hostNetwork"[ \t\r]*:(?![ \t\r]*(false|null))/) {
        marks |= UInt32(HOSTFENCE_LINE_SETS_HOST_NETWORK)
      }
      if line.contains(/\\u00[4-7]/) { marks |= UInt32(HOSTFENCE_LINE_ESCAPES_A_LETTER) }
      if line.matches(of: /"audit\.k8s\.io\//).count > 1 { marks |= UInt32(HOSTFENCE_LINE_NAMES_AUDIT_TWICE) }
      lines.append(Line(begin: begin, end: end, marks: marks))
      begin = end + 1
    }
    return lines
  }

  private static let pieces = [
    "\"hostNetwork\":true", "\"hostNetwork\" : ", "false", "null", "/hostNetwork\"", "f:hostNetwork\":{}",
    "\\\"hostNetwork\\\":true", "HOSTNETWORK\\", "\"", ":", " ", "hostNetwork", "HOSTNETWORK", "hostnetwor",
    "ostNetwork", "\\u0068ostNetwork", "\\u0026", "\\u007", "\\u", "t",
    "tw",
    "t.", "\n", "\n", "\"audit.k8s.io/", "audit.k8s.io/", "\\", "w", "x", "12345678901234567890123456789012",
  ]

  @Test(arguments: 0..<40)
  func `random text is scanned as byte by byte, whatever the batch`(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<50 {
      var text = ""
      for _ in 0..<Int.random(in: 0...30, using: &generator) {
        text += Self.pieces.randomElement(using: &generator) ?? ""
      }
      let bytes = Array(text.utf8)
      for batch in [1, 2, 7, 64] { #expect(scanned(bytes, batch: batch) == expected(bytes), "\(seed): \(text)") }
    }
  }

  @Test(arguments: ["\"hostNetwork\":true", "\\\"hostNetwork\\\"", "\\u0041", "\"audit.k8s.io/v1\"\"audit.k8s.io/v1\""])
  func `what is looked for is found at every offset of a block`(needle: String) {
    for offset in 0..<80 {
      let bytes = Array((String(repeating: " ", count: offset) + needle).utf8)
      #expect(scanned(bytes, batch: 4) == expected(bytes), "offset \(offset)")
      #expect(scanned(bytes, batch: 4).first?.marks != 0)
      // One byte short, with bytes behind the text that would complete it.
      let short = Array(bytes.dropLast(needle.utf8.count - 3))
      #expect(scanned(short, batch: 4).first?.marks == 0)
    }
  }
}

// Segments end where lines end, whatever the reads.

import TestSupport
import Testing

@testable import AuditLog

@Suite struct LineCutterTests {
  /// The segments of a stream that gives at most `step` bytes a read.
  private func segments(_ text: [UInt8], step: Int, lineBytesMax: Int) -> [(text: [UInt8], cut: LineCutter.Cut)] {
    var cutter = LineCutter(lineBytesMax: lineBytesMax)
    let buffer = SegmentBuffer()
    var offset = 0
    var found: [([UInt8], LineCutter.Cut)] = []
    while true {
      let cut = cutter.fill(buffer) { room in
        let count = min(step, room.count, text.count - offset)
        room.copyBytes(from: text[offset..<offset + count])
        offset += count
        return count
      }
      found.append((Array(buffer.text(cut.count)), cut))
      if cut.isEnd { return found }
    }
  }

  @Test(arguments: [1, 1_000, 1 << 20, 3 << 20])
  func `segments together are the text and end with a line feed, but for the last`(lineBytes: Int) {
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: lineBytes - 1) + [UInt8(ascii: "\n")]
    var text: [UInt8] = []
    while text.count < 5 << 20 { text += line }
    text += Array("the end".utf8)
    for step in [4_093, 1 << 22] {
      let found = segments(text, step: step, lineBytesMax: 16 << 20)
      #expect(found.flatMap(\.text) == text)
      #expect(found.dropLast().allSatisfy { $0.text.last == UInt8(ascii: "\n") && !$0.cut.isOpen })
      #expect(found.last?.cut.isOpen == true)
    }
  }

  @Test func `a line beyond the limit comes in pieces`() {
    let text = [UInt8](repeating: UInt8(ascii: "x"), count: 9 << 20) + Array("\nnext\n".utf8)
    let found = segments(text, step: 1 << 20, lineBytesMax: 2 << 20)
    #expect(found.flatMap(\.text) == text)
    #expect(found.count > 2)
    #expect(found.first?.cut == LineCutter.Cut(count: 2 << 20, isEnd: false, isOpen: true))
    #expect(found.last?.cut.isOpen == false)
  }

  @Test func `an empty stream is one empty segment`() {
    #expect(
      segments([], step: 1, lineBytesMax: 1 << 20).map(\.cut) == [
        LineCutter.Cut(count: 0, isEnd: true, isOpen: false)
      ]
    )
  }
}

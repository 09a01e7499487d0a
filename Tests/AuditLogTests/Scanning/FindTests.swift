// The fast search finds what a slow one finds, and reads nothing behind the text.

import CLineScan
import TestSupport
import Testing

@Suite struct FindTests {
  /// Where the search finds the needle; the text ends where its memory ends, so that an address sanitizer sees more.
  private func place(of needle: [UInt8], in text: [UInt8]) -> Int? {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: text)
    guard let base = memory.baseAddress else { return nil }
    return needle.withUnsafeBytes { needle in
      guard let start = needle.baseAddress else { return nil }
      return hostfence_find(base, text.count, start, needle.count).map { UnsafeRawPointer($0) - UnsafeRawPointer(base) }
    }
  }

  private func plainPlace(of needle: [UInt8], in text: [UInt8]) -> Int? {
    guard text.count >= needle.count else { return nil }
    return (0...text.count - needle.count).first { text[$0..<$0 + needle.count].elementsEqual(needle) }
  }

  @Test(arguments: 1...20)
  func `a needle is found at every place of a text of any length`(length: Int) {
    let needle = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 3) }
    for count in 0...80 {
      let dots = [UInt8](repeating: UInt8(ascii: "."), count: count)
      #expect(place(of: needle, in: dots) == nil)
      guard count >= length else { continue }
      for start in 0...count - length {
        var text = dots
        text.replaceSubrange(start..<start + length, with: needle)
        #expect(place(of: needle, in: text) == start)
      }
    }
  }

  @Test(arguments: 0..<20)
  func `texts of few letters, with many near misses, are searched as a plain search does`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let text = (0..<Int.random(in: 0...100, using: &generator)).map { _ in UInt8.random(in: 0...1, using: &generator)
      }
      let needle = (0..<Int.random(in: 1...8, using: &generator)).map { _ in UInt8.random(in: 0...1, using: &generator)
      }
      #expect(place(of: needle, in: text) == plainPlace(of: needle, in: text), "\(needle) in \(text)")
    }
  }
}

// Gzip in memory.

import Compression
import Testing

@Suite struct InflateGzipTests {
  @Test func `data of every size comes out again`() throws {
    for plain in [[], [0x41], Sample.text, [UInt8](repeating: 0x20, count: 1_000_000), Sample.random(70_000, seed: 8)] {
      let packed = try Compressor.gzip.compress(plain)
      #expect(try inflateGzip(packed, limitBytes: 1 << 20) == plain)
      #expect(try inflateGzip(packed, limitBytes: plain.count) == plain)
      #expect(try inflateGzip(packed + packed, limitBytes: 2 << 20) == plain + plain)
      #expect(try inflateGzip(packed + [0, 0, 0, 0x41], limitBytes: 1 << 20) == plain)
    }
  }

  @Test func `what expands to more than the limit is refused`() throws {
    let packed = try Compressor.gzip.compress([UInt8](repeating: 0, count: 20_000_000))
    for limit in [0, 1, 4_095, 4_096, 1 << 20, 19_999_999] {
      #expect(throws: InputError.tooLong(limitBytes: limit)) { try inflateGzip(packed, limitBytes: limit) }
    }
  }

  @Test func `cut, damaged and other data is refused`() throws {
    let packed = try Compressor.gzip.compress(Sample.text)
    for count in 2..<packed.count {
      #expect(throws: InputError.truncated(.gzip, atByte: count)) {
        try inflateGzip(Array(packed[..<count]), limitBytes: 1 << 20)
      }
    }
    for bytes in [[], [0x1F], Sample.text, try Compressor.zstd.compress(Sample.text)] {
      #expect(throws: InputError.damaged(.gzip, atByte: 0, reason: "an invalid header")) {
        try inflateGzip(bytes, limitBytes: 1 << 20)
      }
    }
  }
}

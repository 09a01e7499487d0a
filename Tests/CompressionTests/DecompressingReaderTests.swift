// What comes out of sound data.

import Compression
import Foundation
import TestSupport
import Testing

@Suite struct DecompressingReaderTests {
  @Test(arguments: Compressor.allCases)
  func `what the command compressed comes out again`(_ compressor: Compressor) throws {
    for plain in [[], [0x41], [0], Sample.text, Sample.random(100_000, seed: 1), Sample.repetitive(3_000_000, seed: 2)]
    {
      for level in ["-1", "-6", "-9"] {
        let packed = try compressor.compress(plain, level)
        #expect(ReadResult.of(packed) == ReadResult(bytes: plain), "\(plain.count) bytes, \(level)")
      }
    }
  }

  @Test(arguments: Compressor.allCases)
  func `ten megabytes that do not compress come out again`(_ compressor: Compressor) throws {
    let plain = Sample.random(10_000_000, seed: 3)
    let packed = try compressor.compress(plain)
    #expect(ReadResult.of(packed, bufferBytes: 1 << 20) == ReadResult(bytes: plain))
  }

  @Test(arguments: Compressor.allCases)
  func `the sizes of pieces and buffers change nothing`(_ compressor: Compressor) throws {
    let plain = Sample.repetitive(20_000, seed: 4)
    let packed = try compressor.compress(plain) + compressor.compress(Sample.text)
    let expected = ReadResult(bytes: plain + Sample.text)
    for size in Array(1...40) + [63, 64, 65, 1_000, 4_096, 32_768, 65_536] {
      #expect(ReadResult.of(packed, pieceBytes: size) == expected, "pieces of \(size)")
      #expect(ReadResult.of(packed, inputBytes: size) == expected, "input of \(size)")
      #expect(ReadResult.of(packed, bufferBytes: size) == expected, "buffers of \(size)")
      #expect(ReadResult.of(packed, pieceBytes: size, bufferBytes: size) == expected, "both of \(size)")
    }
  }

  @Test(arguments: Compressor.allCases)
  func `frames stand one behind the other`(_ compressor: Compressor) throws {
    let parts = [Sample.text, [], [0x41], Sample.repetitive(70_000, seed: 5), Sample.text]
    let packed = try parts.flatMap { try compressor.compress($0) }
    #expect(ReadResult.of(packed) == ReadResult(bytes: parts.flatMap(\.self)))
    let other = try (compressor == .gzip ? Compressor.zstd : .gzip).compress([0x42])
    #expect(ReadResult.of(packed + other) == ReadResult(bytes: parts.flatMap(\.self) + [0x42]))
  }

  @Test(arguments: Compressor.allCases)
  func `NUL bytes between and behind frames are skipped and counted`(_ compressor: Compressor) throws {
    let packed = try compressor.compress(Sample.text)
    let padding = [UInt8](repeating: 0, count: 10_240)
    for pieceBytes in [1, 7, Int.max] {
      let reader = DecompressingReader(
        PiecewiseSource(packed + padding + packed + padding, pieceBytes: pieceBytes),
        inputBytes: 512
      )
      #expect(ReadResult.of(reader) == ReadResult(bytes: Sample.text + Sample.text))
      #expect(reader.paddingBytes == 20_480)
      #expect(reader.compressedBytesRead == 2 * (packed.count + padding.count))
      #expect(reader.format == compressor.format)
    }
  }

  @Test func `frames of zstd that are to be skipped are skipped`() throws {
    let packed = try Compressor.zstd.compress(Sample.text)
    for number in UInt8(0x50)...0x5F {
      let skippable: [UInt8] = [number, 0x2A, 0x4D, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]
      #expect(ReadResult.of(skippable + packed + skippable + packed) == ReadResult(bytes: Sample.text + Sample.text))
      #expect(ReadResult.of(skippable) == ReadResult())
    }
  }

  @Test func `what is compressed twice is decompressed once`() throws {
    let once = try Compressor.gzip.compress(Sample.text)
    #expect(ReadResult.of(try Compressor.gzip.compress(once)) == ReadResult(bytes: once))
  }

  @Test func `the optional fields of a gzip header are skipped however they are cut`() throws {
    let packed = try Compressor.gzip.compress(Sample.text, "-n")
    // Extra field, name and comment (RFC 1952, 2.3), with lengths beyond any buffer kept for them.
    let extra = [UInt8](repeating: 7, count: 3_000)
    let header: [UInt8] = [0x1F, 0x8B, 8, 0b1_1100, 0, 0, 0, 0, 0, 3, UInt8(3_000 & 0xFF), UInt8(3_000 >> 8)]
    let names = [UInt8](repeating: 0x61, count: 2_000) + [0] + [UInt8](repeating: 0x62, count: 2_000) + [0]
    let long = header + extra + names + packed[10...]
    for pieceBytes in [1, 2, 3, 11, 100, 327, 328, 329, Int.max] {
      #expect(ReadResult.of(long, pieceBytes: pieceBytes) == ReadResult(bytes: Sample.text), "pieces of \(pieceBytes)")
      #expect(ReadResult.of(packed + long, pieceBytes: pieceBytes).bytes == Sample.text + Sample.text)
    }
  }

  @Test func `plain bytes pass through`() {
    for plain in [
      [], [0x41], [0x1F], [0x28, 0xB5], [0, 0, 0x1F, 0x8B], Sample.text, [0x1F, 0x41], Array("BZhx".utf8),
    ] {
      for size in [1, 2, 3, 1 << 16] {
        let reader = DecompressingReader(PiecewiseSource(plain, pieceBytes: size))
        #expect(ReadResult.of(reader, bufferBytes: size) == ReadResult(bytes: plain), "\(plain.prefix(8)) by \(size)")
        #expect(reader.format == .plain)
        #expect(reader.compressedBytesRead == plain.count)
      }
    }
  }

  @Test func `plain bytes are read straight into the memory of the caller`() throws {
    final class Recorder: ByteSource {
      var places: Set<UnsafeMutableRawPointer?> = []

      func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
        places.insert(buffer.baseAddress)
        buffer.initializeMemory(as: UInt8.self, repeating: 0x41)
        return buffer.count
      }
    }
    let recorder = Recorder()
    let reader = DecompressingReader(recorder)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { memory.deallocate() }
    while try reader.read(into: memory) < memory.count {}
    #expect(recorder.places.contains(memory.baseAddress))
  }

  @Test func `a file is read, whatever its name is`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).log")
    defer { try? FileManager.default.removeItem(at: file) }
    for (bytes, format) in [
      (Sample.text, CompressionFormat.plain), (try Compressor.gzip.compress(Sample.text), .gzip),
      (try Compressor.zstd.compress(Sample.text), .zstd),
    ] {
      try Data(bytes).write(to: file)
      let reader = DecompressingReader(try DescriptorSource(path: file.path))
      #expect(ReadResult.of(reader) == ReadResult(bytes: Sample.text))
      #expect(reader.format == format)
      #expect(reader.compressedBytesRead == bytes.count)
    }
  }
}

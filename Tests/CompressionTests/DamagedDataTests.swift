// What comes out of data that is cut, damaged, or something else.

import Compression
import Foundation
import TestSupport
import Testing

@Suite struct DamagedDataTests {
  @Test(arguments: Compressor.allCases)
  func `a cut stream gives what comes before the cut, then says so once`(_ compressor: Compressor) throws {
    let plain = Array(Sample.text.prefix(3_000))
    let packed = try compressor.compress(plain)
    var longest = 0
    for count in 4..<packed.count {
      for pieceBytes in [1, Int.max] {
        let result = ReadResult.of(Array(packed[..<count]), pieceBytes: pieceBytes)
        #expect(result.errors == [.truncated(compressor.format, atByte: count)], "cut at \(count)")
        #expect(plain.starts(with: result.bytes), "cut at \(count)")
        #expect(result.bytes.count >= longest || pieceBytes == 1, "cut at \(count)")
        longest = max(longest, result.bytes.count)
      }
    }
    // Only the checksum is missing.
    #expect(longest == plain.count)
  }

  @Test func `a cut gzip stream gives at least what gzip gives`() throws {
    let packed = try Compressor.gzip.compress(Sample.repetitive(50_000, seed: 6))
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for count in stride(from: 40, to: packed.count, by: packed.count / 20) {
      let cut = Array(packed[..<count])
      let file = folder.appending(path: "cut.gz")
      try Data(cut).write(to: file)
      let process = Process()
      let pipe = Pipe()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["gzip", "-q", "-dc", file.path]
      process.standardOutput = pipe
      process.standardError = FileHandle.nullDevice
      try process.run()
      let expected = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
      process.waitUntilExit()
      let bytes = ReadResult.of(cut).bytes
      #expect(bytes.starts(with: expected), "cut at \(count): \(bytes.count), gzip \(expected.count)")
    }
  }

  @Test(arguments: Compressor.allCases)
  func `a cut second frame does not hurt the first`(_ compressor: Compressor) throws {
    let packed = try compressor.compress(Sample.text)
    let result = ReadResult.of(packed + packed[..<20])
    #expect(result.bytes.starts(with: Sample.text))
    #expect(result.errors == [.truncated(compressor.format, atByte: packed.count + 20)])
  }

  @Test(arguments: Compressor.allCases)
  func `a flipped bit is found, or makes no difference`(_ compressor: Compressor) throws {
    let plain = Array(Sample.text.prefix(2_000))
    let packed = compressor == .gzip ? try compressor.compress(plain, "-n") : try compressor.compress(plain)
    var found = 0
    for place in 4..<packed.count {
      for bit in 0..<8 {
        var damaged = packed
        damaged[place] ^= 1 << bit
        for (pieceBytes, bufferBytes) in [(Int.max, 1 << 16), (3, 100)] {
          let result = ReadResult.of(damaged, pieceBytes: pieceBytes, bufferBytes: bufferBytes)
          #expect(result.errors.count <= 1)
          if result.errors.isEmpty {
            #expect(result.bytes == plain, "bit \(bit) of byte \(place)")
          } else {
            found += 1
          }
        }
      }
    }
    // All but those of the header that mean nothing.
    #expect(found > (packed.count - 20) * 16)
  }

  @Test func `random bytes behind a magic number end in an error`() {
    for seed in UInt64(0)..<2_000 {
      for head in [[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], [0x28, 0xB5, 0x2F, 0xFD], [0x1F, 0x8B]] as [[UInt8]] {
        let result = ReadResult.of(head + Sample.random(300, seed: seed), pieceBytes: seed % 2 == 0 ? .max : 5)
        #expect(result.errors.count <= 1, "seed \(seed)")
      }
    }
  }

  @Test func `a wrong checksum and a wrong length are found`() throws {
    let packed = try Compressor.gzip.compress(Sample.text)
    for place in 1...8 {
      var damaged = packed
      damaged[packed.count - place] ^= 0x10
      let result = ReadResult.of(damaged)
      #expect(result.bytes == Sample.text)
      #expect(result.errors.count == 1)
      guard case .damaged(.gzip, _, "a wrong checksum") = result.errors.first else {
        Issue.record("\(result.errors)")
        continue
      }
    }
  }

  @Test(arguments: Compressor.allCases)
  func `something else behind the data is not read, and told of`(_ compressor: Compressor) throws {
    let packed = try compressor.compress(Sample.text)
    for tail in [Array("plain".utf8), [0, 0, 0x41], [0x1F], [0x28, 0xB5, 0x2F], [0xFF]] as [[UInt8]] {
      let result = ReadResult.of(packed + tail)
      let offset = packed.count + tail.prefix { $0 == 0 }.count
      #expect(result == ReadResult(bytes: Sample.text, errors: [.trailingData(compressor.format, atByte: offset)]))
    }
  }

  @Test func `a window that takes too much memory is refused`() {
    // A frame header (RFC 8878, 3.1.1.1) without content size, whose window has 2^31 bytes.
    let result = ReadResult.of([0x28, 0xB5, 0x2F, 0xFD, 0, UInt8((31 - 10) << 3), 1, 0, 0])
    #expect(result == ReadResult(errors: [.windowTooLarge(limitBytes: 128 << 20)]))
  }

  @Test(
    arguments: [
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4], "xz"), (Array("BZh91AY&SYabc".utf8), "bzip2"),
      ([0x04, 0x22, 0x4D, 0x18, 1], "lz4"), ([0x50, 0x4B, 3, 4, 1], "zip"), ([0x1F, 0x9D, 0x90], "compress"),
    ] as [([UInt8], String)]
  )
  func `other ways of compressing are named`(_ bytes: [UInt8], _ name: String) {
    #expect(ReadResult.of(bytes) == ReadResult(errors: [.unsupported(name)]))
    #expect(ReadResult.of(bytes, pieceBytes: 1) == ReadResult(errors: [.unsupported(name)]))
  }

  @Test func `an error of the disk is thrown where it is met`() throws {
    let failure = InputError.cannotRead(reason: "Input/output error")
    let packed = try Compressor.gzip.compress(Sample.text)
    for bytes in [Sample.text, [], [0x1F], Array(packed.dropLast(8)), packed] {
      let result = ReadResult.of(DecompressingReader(PiecewiseSource(bytes, failure: failure)))
      #expect(result.errors == [failure])
      if bytes.count > 1 { #expect(result.bytes == Sample.text) }
    }
  }

  @Test func `a file that is not there, and a folder, say why`() {
    #expect(throws: InputError.cannotOpen(reason: "No such file or directory")) {
      try DescriptorSource(path: "/nowhere/audit.log")
    }
    #expect(throws: InputError.cannotRead(reason: "Is a directory")) {
      let reader = DecompressingReader(try DescriptorSource(path: "/"))
      var byte: UInt8 = 0
      _ = try withUnsafeMutableBytes(of: &byte) { try reader.read(into: $0) }
    }
  }
}

// How bytes are compressed, told from their beginning.

/// A way of compressing that can be read here, or none.
package enum CompressionFormat: String, Sendable, CaseIterable {
  case plain
  case gzip
  case zstd

  /// The format of bytes that begin like this; `plain` when they are too few to tell.
  package static func of(_ head: some Collection<UInt8>) -> CompressionFormat {
    guard case .format(let format) = Detection.of(head) else { return .plain }
    return format
  }
}

/// What the first bytes of a file, or of what follows a compressed frame, are.
enum Detection: Equatable {
  case format(CompressionFormat)
  /// Compressed in a way that cannot be read here.
  case unsupported(String)
  /// More bytes are needed to tell; at the end of the file it is `plain`.
  case undecided

  /// As many bytes decide in every case.
  static let bytesMax = Signature.all.map(\.bytes.count).reduce(0, max)

  static func of(_ head: some Collection<UInt8>) -> Detection {
    var isUndecided = false
    for signature in Signature.all where signature.agrees(with: head) {
      if signature.bytes.count <= head.count { return signature.meaning }
      isUndecided = true
    }
    return isUndecided ? .undecided : .format(.plain)
  }
}

/// The bytes that a compressed file begins with.
private struct Signature: Sendable {
  /// Each a value and which of its bits count.
  var bytes: [(value: UInt8, mask: UInt8)]
  var meaning: Detection

  init(_ bytes: [UInt8], mask: [UInt8] = [], _ meaning: Detection) {
    self.bytes = bytes.indices.map { (bytes[$0], $0 < mask.count ? mask[$0] : 0xFF) }
    self.meaning = meaning
  }

  /// Whether head and signature are the same as far as both go.
  func agrees(with head: some Collection<UInt8>) -> Bool {
    zip(bytes, head).allSatisfy { $0.0.value == $0.1 & $0.0.mask }
  }

  static let all = [
    Signature([0x1F, 0x8B], .format(.gzip)),
    Signature([0x28, 0xB5, 0x2F, 0xFD], .format(.zstd)),
    // A skippable frame (RFC 8878, 3.1.2): any of sixteen numbers.
    Signature([0x50, 0x2A, 0x4D, 0x18], mask: [0xF0], .format(.zstd)),
    Signature([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], .unsupported("xz")),
    Signature(Array("BZh01AY&SY".utf8), mask: [0xFF, 0xFF, 0xFF, 0xF0], .unsupported("bzip2")),
    Signature([0x04, 0x22, 0x4D, 0x18], .unsupported("lz4")),
    Signature([0x50, 0x4B, 0x03, 0x04], .unsupported("zip")),
    Signature([0x1F, 0x9D], .unsupported("compress")),
  ]
}

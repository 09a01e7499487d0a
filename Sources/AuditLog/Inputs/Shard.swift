// Which part of many files one of several pods reads.

/// One of several equal parts of a set of files, written `I/N` with I from 0 to N - 1.
///
/// The number is that of an Indexed Job: `--shard $(JOB_COMPLETION_INDEX)/8` with `completions: 8`. Every file is in
/// exactly one part, which depends only on N and on its path below the folder that was named, so that all pods agree
/// without talking to each other, whatever the order in which their systems list files.
package struct Shard: Sendable, Hashable {
  /// From 0.
  package let index: Int
  /// At least 1.
  package let count: Int

  /// Reads `I/N`; nil for anything else, and for an I that is not below N.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard
      parts.count == 2, let index = Self.number(parts[0]), let count = Self.number(parts[1]),
      index < count
    else { return nil }
    self.index = index
    self.count = count
  }

  /// Whether a path belongs to this part.
  package func contains(_ relativePath: String) -> Bool {
    Self.hash(relativePath) % UInt64(count) == UInt64(index)
  }

  private static func number(_ text: Substring) -> Int? {
    // `Int` would also read a sign.
    text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ? Int(text) : nil
  }

  /// FNV-1a, then the finaliser of SplitMix64: the low bits of FNV-1a alone depend only on the low ones of the text.
  private static func hash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return hash ^ (hash >> 31)
  }
}

extension Shard: CustomStringConvertible {
  package var description: String { "\(index)/\(count)" }
}

// Patterns with * and ?, matched in bounded time.

/// A pattern for names: `*` is any run of characters, also none, `?` exactly one, and all else stands for itself.
///
/// The whole text must match, capitals count, and no character is special to `*`: it runs over `/` and `:` too. A
/// character is a Unicode scalar. Matching takes at most pattern × text steps, whatever the pattern.
package struct Glob: Sendable, Hashable {
  /// As written.
  package let text: String
  /// What comes before the first `*` or `?`.
  package let literalPrefix: String
  private let bytes: [UInt8]

  /// Creates a pattern; every text is one.
  package init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    let wildcard = bytes.firstIndex { $0 == Self.star || $0 == Self.question } ?? bytes.endIndex
    literalPrefix = String(decoding: bytes[..<wildcard], as: UTF8.self)
  }

  /// Whether the pattern has no `*` and no `?`.
  package var isLiteral: Bool { literalPrefix.utf8.count == bytes.count }

  /// Whether it says nothing but how long a text is at least, like `*` and `?*`.
  package var isOnlyWildcards: Bool { bytes.contains(Self.star) && bytes.allSatisfy(Self.isWildcard) }

  /// Whether the whole of `text` matches, byte for byte: to Unicode two names may be equal that are two to Kubernetes.
  package func matches(_ text: String) -> Bool { matches(text.utf8.span, wildcardsAreLetters: false) }

  /// Whether every text that matches `other` matches this one.
  ///
  /// A *yes* is certain. A *no* may be wrong for a pattern like `?*` beside `*?`, which say the same in two ways.
  package func covers(_ other: Glob) -> Bool { matches(other.bytes.span, wildcardsAreLetters: true) }

  private static let star = UInt8(ascii: "*")
  private static let question = UInt8(ascii: "?")

  /// Goes on from the last `*` when the rest does not match; earlier ones need no second look.
  ///
  /// - Parameter wildcardsAreLetters: whether `text` is a pattern, whose `*` only a `*` can match.
  private func matches(_ text: Span<UInt8>, wildcardsAreLetters: Bool) -> Bool {
    let pattern = bytes.span
    var (place, offset) = (0, 0)
    var retry: (place: Int, offset: Int)?
    while offset < text.count {
      if place < pattern.count, pattern[place] == Self.star {
        place += 1
        retry = (place, offset)
      } else if place < pattern.count, pattern[place] == Self.question, Self.isScalarStart(text[offset]),
        !(wildcardsAreLetters && text[offset] == Self.star)
      {
        place += 1
        offset += 1
        while offset < text.count, !Self.isScalarStart(text[offset]) { offset += 1 }
      } else if place < pattern.count, pattern[place] == text[offset], !Self.isWildcard(pattern[place]) {
        place += 1
        offset += 1
      } else if let last = retry {
        place = last.place
        offset = last.offset + 1
        retry = (place, offset)
      } else {
        return false
      }
    }
    while place < pattern.count, pattern[place] == Self.star { place += 1 }
    return place == pattern.count
  }

  private static func isWildcard(_ byte: UInt8) -> Bool { byte == star || byte == question }

  /// UTF-8: every byte but 10xxxxxx begins a scalar.
  private static func isScalarStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }
}

extension Array where Element == Glob {
  /// Whether one of the patterns matches.
  func matchAny(_ text: String) -> Bool { contains { $0.matches(text) } }
}

// A text of the search that is compared whatever the case.

/// ASCII text that equals its spellings with other upper and lower case letters.
struct FoldedText: Sendable {
  private let lowercase: [UInt8]

  /// Creates a text of ASCII characters.
  init(_ text: String) { lowercase = text.utf8.map(Self.fold) }

  /// Bytes of the text.
  var count: Int { lowercase.count }

  /// Whether a value is this text.
  func equals(_ value: Span<UInt8>) -> Bool { value.count == count && stands(in: value, at: 0) }

  /// Whether this text stands somewhere in a value.
  func isContained(in value: Span<UInt8>) -> Bool { place(in: value, from: 0) != nil }

  /// Where this text first stands in a value, from a place on.
  func place(in value: Span<UInt8>, from start: Int) -> Int? {
    var place = start
    while place + count <= value.count {
      if stands(in: value, at: place) { return place }
      place += 1
    }
    return nil
  }

  /// Whether this text stands in a value at a place.
  func stands(in value: Span<UInt8>, at place: Int) -> Bool {
    guard place + count <= value.count else { return false }
    for offset in lowercase.indices where Self.fold(value[place + offset]) != lowercase[offset] { return false }
    return true
  }

  private static func fold(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}

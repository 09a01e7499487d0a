// Members that lost to a later one: written already, left out at the end.

/// A stretch of text, and of key positions, that the finished document does not have.
struct DroppedMember {
  /// Offsets in the text.
  var text: Range<Int>
  /// Indexes of key positions.
  var positions: Range<Int>
}

/// Text and key positions without what was dropped.
struct CompactedText {
  private(set) var bytes: [UInt8]
  private(set) var positions: [SourcePosition] = []

  /// Copies `text` and the positions of its keys without `dropped`, with room for simdjson behind it.
  ///
  /// A dropped stretch is either a member up to the start of the next one, or a whole merge value, which leaves a comma
  /// too many on one of its sides.
  init(
    of source: [UInt8],
    _ text: Range<Int>,
    positions all: [SourcePosition],
    _ positionRange: Range<Int>,
    dropped: ArraySlice<DroppedMember>
  ) {
    bytes = []
    bytes.reserveCapacity(text.count + ManifestLimits.sparePaddingBytes)
    guard !dropped.isEmpty else {
      bytes.append(contentsOf: source[text])
      positions = Array(all[positionRange])
      return
    }
    var offset = text.lowerBound
    var position = positionRange.lowerBound
    for stretch in dropped.sorted(by: { $0.text.lowerBound < $1.text.lowerBound }) {
      if stretch.text.upperBound <= offset { continue }
      if stretch.text.lowerBound > offset { bytes.append(contentsOf: source[offset..<stretch.text.lowerBound]) }
      if stretch.positions.lowerBound > position {
        positions.append(contentsOf: all[position..<stretch.positions.lowerBound])
      }
      offset = stretch.text.upperBound
      position = max(position, stretch.positions.upperBound)
      guard offset < text.upperBound else { continue }
      if source[offset] == ASCII.comma {
        offset += 1
      } else if source[offset] == ASCII.rightBrace, bytes.last == ASCII.comma {
        bytes.removeLast()
      }
    }
    bytes.append(contentsOf: source[offset..<text.upperBound])
    positions.append(contentsOf: all[position..<positionRange.upperBound])
  }
}

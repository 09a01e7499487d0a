// A record that a container runtime split.

/// The pieces of one record of one stream.
struct PendingPieces {
  /// What was gathered.
  private(set) var text: [UInt8] = []
  /// The line of the first piece.
  private(set) var line = 0
  /// Whether there is a piece.
  private(set) var isPending = false
  private var isTooLong = false

  /// Adds a piece; false when the record has just become too long, after which its pieces are dropped.
  mutating func append(_ piece: Span<UInt8>, from start: Int, line: Int, bytesMax: Int) -> Bool {
    if !isPending {
      isPending = true
      self.line = line
    }
    guard !isTooLong else { return true }
    guard text.count + piece.count - start <= bytesMax else {
      isTooLong = true
      text = []
      return false
    }
    unsafe piece.withUnsafeBufferPointer { unsafe text.append(contentsOf: $0[start...]) }
    return true
  }

  /// Ends the record; its text, or nil when it was too long.
  mutating func take() -> [UInt8]? {
    defer { self = PendingPieces() }
    return isTooLong ? nil : text
  }

  /// Whether a record would be lost that is not yet reported.
  var isUnreported: Bool { isPending && !isTooLong }
}

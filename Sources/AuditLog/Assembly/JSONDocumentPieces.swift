// A JSON value that comes in pieces: over several lines, or one behind the other on the same.

/// Gathers bytes until JSON values are whole.
///
/// The elements of an array at the top are handed out one by one, so that a log that is one array needs the memory of
/// one event; so are those of an array inside an object that grows too large (an EventList, a batch of records).
struct JSONDocumentPieces {
  /// What was gathered.
  enum Value {
    case whole([UInt8], line: Int)
    /// Text outside of any value.
    case words([UInt8], line: Int)
    case tooLong(line: Int)
  }

  private var text: [UInt8] = []
  private var scanner = JSONTextScanner()
  /// The line on which the value at hand begins.
  private var valueLine = 0
  private var line = 0
  /// Whether the elements of an array are being handed out.
  private var isInArray = false
  /// Whether the rest of an object whose array was handed out, or of a value that is too long, is being skipped.
  private var isSkipping = false
  /// Where in `text` an array begins that is a member of the object at hand.
  private var memberArray: Int?

  /// Whether a value or an array has begun and not ended.
  var isOpen: Bool { isMidValue || isInArray }

  /// Whether a value has begun and not ended.
  var isMidValue: Bool { !text.isEmpty || isSkipping }

  /// Whether what has begun cannot go on with this line: a string does not hold line feeds, and an event that began on
  /// one line does not hold another that begins as one.
  func breaks(before next: [UInt8]) -> Bool {
    guard isMidValue else { return false }
    if scanner.isInString { return true }
    return TornText.beginsEvent(next) && (isSkipping || TornText.beginsEvent(text))
  }

  /// Says on which line the bytes to come are.
  mutating func beginLine(_ number: Int) {
    if number != line, !text.isEmpty { text.append(UInt8(ascii: "\n")) }
    line = number
  }

  /// Takes bytes from the front of `rest` until a value is whole; nil when all were taken.
  mutating func take(_ rest: inout ArraySlice<UInt8>, bytesMax: Int) -> Value? {
    while let byte = rest.first {
      if text.isEmpty, !isSkipping {
        guard byte == UInt8(ascii: "{") || (byte == UInt8(ascii: "[") && isInArray) else {
          if let words = takeBetweenValues(&rest) { return words }
          continue
        }
        valueLine = line
      }
      rest.removeFirst()
      let isWhole = scanner.take(byte)
      if isSkipping {
        if isWhole { reset() }
        continue
      }
      if byte == UInt8(ascii: "["), scanner.depth == 2, !scanner.isInString, memberArray == nil {
        memberArray = text.count
      }
      text.append(byte)
      if isWhole {
        let value = Value.whole(text, line: valueLine)
        resetValue()
        return value
      }
      if text.count > bytesMax, let value = shorten(&rest) { return value }
    }
    return nil
  }

  /// Ends what has begun; the text of a value that is not whole, and its line.
  mutating func giveUp() -> (text: [UInt8], line: Int)? {
    let given = (text, valueLine)
    reset()
    return given.0.isEmpty ? nil : given
  }

  // MARK: - Between values

  private mutating func takeBetweenValues(_ rest: inout ArraySlice<UInt8>) -> Value? {
    guard let byte = rest.first else { return nil }
    switch byte {
    case 0, 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: ","):
      rest.removeFirst()
      return nil
    case UInt8(ascii: "["):
      rest.removeFirst()
      isInArray = true
      return nil
    case UInt8(ascii: "]"):
      rest.removeFirst()
      isInArray = false
      return nil
    // What is left of an object whose array was handed out.
    case UInt8(ascii: "}"):
      rest.removeFirst()
      return nil
    default:
      let words = Array(rest.prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "]") })
      rest.removeFirst(words.count)
      return .words(words, line: line)
    }
  }

  // MARK: - Values that are too long

  /// Goes on with the elements of a member array, or skips the value.
  private mutating func shorten(_ rest: inout ArraySlice<UInt8>) -> Value? {
    guard let start = memberArray, !isInArray else {
      let line = valueLine
      text = []
      memberArray = nil
      isSkipping = true
      return .tooLong(line: line)
    }
    // Once for each object, since what is inside an array that is handed out has no further array handed out.
    rest = (text[(start + 1)...] + rest)[...]
    resetValue()
    isInArray = true
    return nil
  }

  private mutating func resetValue() {
    text.removeAll(keepingCapacity: text.count < 1 << 20)
    scanner = JSONTextScanner()
    memberArray = nil
  }

  private mutating func reset() {
    resetValue()
    isInArray = isInArray && isSkipping
    isSkipping = false
  }
}

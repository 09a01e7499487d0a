// Finds where JSON values begin and end in text that comes piece by piece, looking at each byte once.

/// Follows brackets and strings.
struct JSONTextScanner {
  /// Brackets that are open.
  private(set) var depth = 0
  private(set) var isInString = false
  private var isEscaped = false

  /// Takes the next byte; true when it closes the outermost bracket.
  mutating func take(_ byte: UInt8) -> Bool {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      return depth <= 0
    default: break
    }
    return false
  }

  /// The length of the JSON object or array that text begins with; nil when it does not end.
  static func length(of text: ArraySlice<UInt8>) -> Int? {
    var scanner = JSONTextScanner()
    for place in text.indices where scanner.take(text[place]) { return place - text.startIndex + 1 }
    return nil
  }
}

// Finds where JSON values end, and where they break off, in text that comes piece by piece. Each byte is looked at once.

internal import JSONDocument

/// Follows brackets, strings and the order of tokens.
///
/// It refuses what cannot be the beginning of JSON as early as it can be told, since that is where a record was torn;
/// it lets pass what only a parser can tell (numbers, escapes, UTF-8).
struct JSONTextScanner {
  /// Where and why it stopped.
  enum Stop: Equatable {
    /// All bytes were taken, and the value goes on.
    case endOfText
    /// A value at the level it stops at ended in front of this place.
    case closed(end: Int)
    /// The array around that level ended in front of this place.
    case left(end: Int)
    /// An array that is a member of the outermost object begins behind this place.
    case opened(end: Int)
    /// The byte at this place cannot stand here.
    case broken(at: Int)
  }

  private static let scalar = UInt8(ascii: "0")
  private static let quote = UInt8(ascii: "\"")

  /// The brackets that have to come.
  private var closers: [UInt8] = []
  /// The last token: a bracket, a comma, a colon, a quote for a string, 0 for another scalar; NUL for none.
  private var last: UInt8 = 0
  private(set) var isInString = false
  private var isEscaped = false
  /// Brackets around the values whose ends it stops at.
  var stopDepth = 0
  /// Whether to stop where an array begins that is a member of the outermost object.
  var stopsAtMemberArrays = false

  /// Brackets that are open.
  var depth: Int { closers.count }

  /// Whether the next value would be an element of an array.
  var expectsElement: Bool {
    !isInString && closers.last == UInt8(ascii: "]") && (last == UInt8(ascii: "[") || last == UInt8(ascii: ","))
  }

  /// Takes note of an element that was read by somebody else.
  mutating func passElement() { last = Self.scalar }

  /// Whether a value may begin with the next byte.
  var mayBeginValue: Bool {
    guard !isInString else { return false }
    guard let closer = closers.last else { return last == 0 }
    if isBetweenElements { return true }
    return closer == UInt8(ascii: "]")
      ? last == UInt8(ascii: "[") || last == UInt8(ascii: ",") : last == UInt8(ascii: ":")
  }

  /// Whether this is the level of the elements that are handed on one by one; commas are not asked for there.
  private var isBetweenElements: Bool { stopDepth > 0 && closers.count == stopDepth }

  private var isBehindValue: Bool {
    last == Self.quote || last == Self.scalar || last == UInt8(ascii: "}") || last == UInt8(ascii: "]")
  }

  /// Reads on until there is a reason to stop.
  mutating func advance(_ text: Span<UInt8>, from start: Int, to end: Int) -> Stop {
    var place = start
    while place < end {
      if isInString {
        guard skipString(text, &place, end) else { return .broken(at: place) }
        continue
      }
      let byte = text[place]
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): break
      // Padding behind a line that was written before a crash.
      case 0 where isBetweenElements: break
      case Self.quote:
        guard mayBeginString else { return .broken(at: place) }
        isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard mayBeginValue, closers.count < JSONLimits.nestingLevelsMax else { return .broken(at: place) }
        closers.append(byte + 2)
        last = byte
        if stopsAtMemberArrays, closers.count == 2, byte == UInt8(ascii: "["), closers[0] == UInt8(ascii: "}") {
          return .opened(end: place + 1)
        }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard closers.last == byte else { return .broken(at: place) }
        if endsScalarElement() { return .closed(end: place) }
        closers.removeLast()
        last = byte
        if closers.count == stopDepth { return .closed(end: place + 1) }
        if closers.count < stopDepth { return .left(end: place + 1) }
      case UInt8(ascii: ","):
        if endsScalarElement() { return .closed(end: place) }
        guard isBehindValue || isBetweenElements else { return .broken(at: place) }
        last = byte
      case UInt8(ascii: ":"):
        guard closers.last == UInt8(ascii: "}"), last == Self.quote else { return .broken(at: place) }
        last = byte
      default:
        guard Self.isInScalar(byte), last == Self.scalar || mayBeginValue else { return .broken(at: place) }
        last = Self.scalar
      }
      place += 1
    }
    return .endOfText
  }

  /// Whether a string or number that is an element ends here, whose end nothing but the next token tells.
  private mutating func endsScalarElement() -> Bool {
    guard isBetweenElements, last == Self.quote || last == Self.scalar else { return false }
    last = UInt8(ascii: "}")
    return true
  }

  private var mayBeginString: Bool {
    mayBeginValue
      || (closers.last == UInt8(ascii: "}") && (last == UInt8(ascii: "{") || last == UInt8(ascii: ",")))
  }

  /// Skips a string, or the part of it that is there; false at a byte that no JSON string holds.
  private mutating func skipString(_ text: Span<UInt8>, _ place: inout Int, _ end: Int) -> Bool {
    var next = place
    defer { place = next }
    while next < end {
      let byte = text[next]
      if byte < UInt8(ascii: " ") { return false }
      next += 1
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == Self.quote {
        isInString = false
        last = Self.quote
        return true
      }
    }
    return true
  }

  /// Bytes of numbers, `true`, `false` and `null`.
  private static func isInScalar(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "u"),
      UInt8(ascii: "f"), UInt8(ascii: "a"), UInt8(ascii: "l"), UInt8(ascii: "s"), UInt8(ascii: "n"):
      true
    default: false
    }
  }
}

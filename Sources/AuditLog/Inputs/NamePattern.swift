// Patterns of file names, as shells have them.

/// A pattern for one name: `*`, `?`, `[a-z]`, `[!a-z]` and `\` before a character that stands for itself.
///
/// A name that begins with a dot must be asked for with a dot.
struct NamePattern {
  private enum Element: Equatable {
    case character(Unicode.Scalar)
    case anyOne
    case anyRun
    case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)

    func matches(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .character(let expected): scalar == expected
      case .anyOne: true
      case .anyRun: false
      case .oneOf(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
      }
    }
  }

  private let elements: [Element]
  private let asksForDot: Bool

  /// Whether a text holds any of the characters that make it a pattern.
  static func isPattern(_ text: some StringProtocol) -> Bool { text.utf8.contains { "*?[".utf8.contains($0) } }

  init(_ text: some StringProtocol) {
    let scalars = Array(text.unicodeScalars)
    var elements: [Element] = []
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      switch scalar {
      case "*": if elements.last != .anyRun { elements.append(.anyRun) }
      case "?": elements.append(.anyOne)
      case "\\" where index < scalars.count:
        elements.append(.character(scalars[index]))
        index += 1
      case "[":
        guard let (set, end) = Self.set(scalars, from: index) else {
          elements.append(.character(scalar))
          continue
        }
        elements.append(set)
        index = end
      default: elements.append(.character(scalar))
      }
    }
    self.elements = elements
    asksForDot = elements.first == .character(".")
  }

  /// A set in brackets, and where it ends; nil when the bracket is never closed and so stands for itself.
  private static func set(_ scalars: [Unicode.Scalar], from start: Int) -> (Element, end: Int)? {
    var index = start
    var isNegated = false
    if index < scalars.count, scalars[index] == "!" || scalars[index] == "^" {
      isNegated = true
      index += 1
    }
    let first = index
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while index < scalars.count {
      let low = scalars[index]
      // A bracket right behind the opening one belongs to the set.
      if low == "]", index > first { return (.oneOf(ranges, isNegated: isNegated), index + 1) }
      if index + 2 < scalars.count, scalars[index + 1] == "-", scalars[index + 2] != "]" {
        let high = scalars[index + 2]
        if low <= high { ranges.append(low...high) }
        index += 3
      } else {
        ranges.append(low...low)
        index += 1
      }
    }
    return nil
  }

  /// Whether a whole name matches; takes at most pattern times name steps.
  func matches(_ name: String) -> Bool {
    let scalars = Array(name.unicodeScalars)
    guard scalars.first != "." || asksForDot else { return false }
    var element = 0
    var place = 0
    // The last `*` and how far it reaches so far: an earlier one never needs to reach further.
    var run: (element: Int, place: Int)?
    while place < scalars.count {
      if element < elements.count, elements[element] == .anyRun {
        run = (element, place)
        element += 1
      } else if element < elements.count, elements[element].matches(scalars[place]) {
        element += 1
        place += 1
      } else if let last = run {
        run = (last.element, last.place + 1)
        element = last.element + 1
        place = last.place + 1
      } else {
        return false
      }
    }
    return elements[element...].allSatisfy { $0 == .anyRun }
  }
}

// A JSON value that tests can build, change at random and print.

/// A JSON value; members keep their order.
package indirect enum TestJSON: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int)
  case string(String)
  case array([TestJSON])
  case object([(String, TestJSON)])

  package static func == (left: TestJSON, right: TestJSON) -> Bool { left.text == right.text }

  /// Compact JSON.
  package var text: String {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .string(let value): Self.quoted(value)
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0.0)):\($0.1.text)" }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// A random value; objects never have a key called `hostNetwork` or `containers`, and no key twice.
  package static func random(depth: Int, using generator: inout SeededGenerator) -> TestJSON {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
    case 0: return .null
    case 1: return .boolean(.random(using: &generator))
    case 2: return .integer(.random(in: -1_000_000...1_000_000, using: &generator))
    case 3, 4: return .string(randomText(using: &generator))
    case 5, 6:
      var members: [(String, TestJSON)] = []
      for index in 0..<Int.random(in: 0...5, using: &generator) {
        members.append(("\(randomKey(using: &generator))\(index)", random(depth: depth - 1, using: &generator)))
      }
      return .object(members)
    default:
      return .array(
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) }
      )
    }
  }

  private static let words = [
    "hostNetwork", "\"hostNetwork\":true", "containers", "true", "", "é", "\u{1F600}", "a/b~c", "line\nbreak",
    "x\"y\\z",
  ]

  private static func randomText(using generator: inout SeededGenerator) -> String {
    words.randomElement(using: &generator) ?? ""
  }

  private static func randomKey(using generator: inout SeededGenerator) -> String {
    ["spec", "template", "a.b/c", "~tilde", "name", "items", "é"].randomElement(using: &generator) ?? "key"
  }
}

// The way to a place in an object, in the three spellings that are needed of it.

internal import JSONDocument

/// The way to a place in an object.
struct FieldPath: Sendable, Equatable {
  /// RFC 6901 JSON Pointer.
  private(set) var pointer = ""
  /// For people: `spec.templates[0].hostNetwork`.
  private(set) var field = ""
  /// The same place in an older version of the object: list elements go by `name` where they have one.
  ///
  /// Bytes, because to Unicode two names may be equal that are different names to Kubernetes.
  private(set) var identity: [UInt8] = []

  /// Adds a step into an object.
  mutating func append(key: String) {
    let escaped = Self.escape(key)
    pointer += "/\(escaped)"
    identity += "/.\(escaped)".utf8
    if key.utf8.allSatisfy(Self.isPlain), !key.isEmpty {
      field += field.isEmpty ? key : ".\(key)"
    } else {
      field += "[\"\(key)\"]"
    }
  }

  /// Adds a step into an array, to the element at `ordinal` that carries `name`.
  mutating func append(ordinal: Int, name: String?) {
    pointer += "/\(ordinal)"
    field += "[\(ordinal)]"
    identity += (name.map { "/=\(Self.escape($0))" } ?? "/#\(ordinal)").utf8
  }

  /// RFC 6901 section 3.
  private static func escape(_ key: String) -> String {
    guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return key }
    var escaped = ""
    for character in key.unicodeScalars {
      switch character {
      case "~": escaped += "~0"
      case "/": escaped += "~1"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

extension FieldPath {
  /// The way to member `key` of the object a walker stands on.
  ///
  /// - Parameter names: the names of list elements by their places, kept between calls: a wide element above many
  ///   attachments is searched for its name once.
  init(to key: String, below walker: borrowing JSONObjectWalker, names: inout [Int: String?]) {
    for level in 0..<walker.depth {
      let step = walker.step(level)
      if let stepKey = step.key?.string {
        append(key: stepKey)
      } else {
        let place = step.child.index
        let name = names[place] ?? step.child.string("name")
        names[place] = .some(name)
        append(ordinal: step.ordinal, name: name)
      }
    }
    append(key: key)
  }

  /// The way to member `key` at the end of fixed keys.
  init(to key: String, below keys: [StaticString]) {
    for step in keys { append(key: step.description) }
    append(key: key)
  }
}

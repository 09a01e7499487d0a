// Finds the key that a JSON Pointer names.

extension JSONValue {
  /// The place of the key that an RFC 6901 JSON Pointer ends in, or nil when it leads nowhere or to an element.
  ///
  /// Of several members with one name the last is meant, as everywhere.
  package func keyIndex(ofPointer pointer: String) -> Int? {
    var current = index
    var key: Int?
    for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      let container = value(at: current)
      if container.isArray {
        guard let ordinal = Int(token), let element = container.element(ordinal) else { return nil }
        current = element.index
        key = nil
      } else {
        guard let place = container.keyIndex(ofMember: Self.unescape(token)) else { return nil }
        key = place
        current = value(at: place).endIndex
      }
    }
    return key
  }

  private func keyIndex(ofMember name: String) -> Int? {
    var found: Int?
    var members = members
    while let member = members.next() {
      // Byte by byte: to Unicode two names may be equal that are different keys in JSON.
      if let key = member.key.string, key.utf8.elementsEqual(name.utf8) { found = member.key.index }
    }
    return found
  }

  @_lifetime(copy self)
  private func element(_ ordinal: Int) -> JSONValue? {
    var elements = elements
    var position = 0
    while let element = elements.next() {
      if position == ordinal { return element }
      position += 1
    }
    return nil
  }

  /// RFC 6901 section 4: `~1` first, then `~0`.
  private static func unescape(_ token: Substring) -> String {
    guard token.utf8.contains(UInt8(ascii: "~")) else { return String(token) }
    var text = ""
    var rest = token
    while let tilde = rest.firstIndex(of: "~") {
      text += rest[..<tilde]
      rest = rest[rest.index(after: tilde)...]
      switch rest.first {
      case "0": text += "~"
      case "1": text += "/"
      default: return text + "~" + rest
      }
      rest = rest.dropFirst()
    }
    return text + rest
  }
}

// Small questions that wrappers ask of values.

internal import JSONDocument

extension JSONValue {
  /// The member called `first`, or else the one called `second`.
  @_lifetime(copy self)
  func member(_ first: StaticString, or second: StaticString) -> JSONValue? {
    if let value = member(first) { return value }
    return member(second)
  }

  /// Whether this is a string that begins with `prefix`.
  func begins(with prefix: [UInt8]) -> Bool {
    let bytes = utf8
    guard isString, bytes.count >= prefix.count else { return false }
    for place in prefix.indices where bytes[place] != prefix[place] { return false }
    return true
  }
}

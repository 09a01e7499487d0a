// Cursors over the members of an object and the elements of an array.

/// One member of an object.
package struct JSONMember: ~Escapable {
  /// The name, a string.
  package let key: JSONValue
  /// What the name stands for.
  package let value: JSONValue

  @_lifetime(copy key, copy value)
  internal init(key: JSONValue, value: JSONValue) {
    self.key = key
    self.value = value
  }
}

/// The members of an object in the order of the document, duplicates included.
package struct JSONMembers: ~Escapable {
  private let object: JSONValue
  private var cursor: Int
  private let end: Int

  @_lifetime(copy object)
  internal init(of object: JSONValue) {
    self.object = object
    cursor = object.isObject ? object.contentIndex : 0
    end = object.isObject ? object.closingIndex : 0
  }

  /// The next member, or nil behind the last.
  @_lifetime(copy self)
  package mutating func next() -> JSONMember? {
    guard cursor < end else { return nil }
    let key = object.value(at: cursor)
    let value = object.value(at: key.endIndex)
    cursor = value.endIndex
    return JSONMember(key: key, value: value)
  }
}

/// The elements of an array in order.
package struct JSONElements: ~Escapable {
  private let array: JSONValue
  private var cursor: Int
  private let end: Int

  @_lifetime(copy array)
  internal init(of array: JSONValue) {
    self.array = array
    cursor = array.isArray ? array.contentIndex : 0
    end = array.isArray ? array.closingIndex : 0
  }

  /// The next element, or nil behind the last.
  @_lifetime(copy self)
  package mutating func next() -> JSONValue? {
    guard cursor < end else { return nil }
    let value = array.value(at: cursor)
    cursor = value.endIndex
    return value
  }
}

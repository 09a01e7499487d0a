// A value inside a parsed document: three words, no copy, no allocation until a String is asked for.

/// A read-only view of one value of a parsed document.
///
/// It cannot outlive the `JSONParser.withDocument` call that lends it. The layout read here is simdjson's tape
/// (simdjson, doc/tape.md): the type of a value is the top byte of its word, the rest is its payload.
@safe
package struct JSONValue: ~Escapable {
  /// What a value is.
  package enum Kind: Sendable, Equatable {
    case object, array, string, number, boolean, null
  }

  private let tape: UnsafePointer<UInt64>
  private let strings: UnsafePointer<UInt8>
  /// The place of this value in its document: comparable only with places of the same document.
  package let index: Int

  @_lifetime(immortal)
  internal init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, index: Int) {
    unsafe self.tape = tape
    unsafe self.strings = strings
    self.index = index
  }

  private var word: UInt64 { unsafe tape[index] }
  private var tag: UInt8 { UInt8(truncatingIfNeeded: word >> 56) }
  private var payload: Int { Int(truncatingIfNeeded: word & 0x00FF_FFFF_FFFF_FFFF) }

  /// What this value is.
  package var kind: Kind {
    switch tag {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
    case UInt8(ascii: "n"): .null
    default: .number
    }
  }

  package var isObject: Bool { tag == UInt8(ascii: "{") }
  package var isArray: Bool { tag == UInt8(ascii: "[") }
  package var isString: Bool { tag == UInt8(ascii: "\"") }
  package var isNull: Bool { tag == UInt8(ascii: "n") }
  /// JSON `true`, and nothing else.
  package var isTrue: Bool { tag == UInt8(ascii: "t") }

  /// The place behind this value.
  package var endIndex: Int {
    switch tag {
    case UInt8(ascii: "{"), UInt8(ascii: "["): payload & 0xFFFF_FFFF
    case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index + 2
    default: index + 1
    }
  }

  /// The place of the first key or element of a container.
  package var contentIndex: Int { index + 1 }

  /// The place of the closing bracket of a container.
  package var closingIndex: Int { endIndex - 1 }

  /// The value at another place of the same document, which must be one that this API gave out.
  @_lifetime(copy self)
  package func value(at index: Int) -> JSONValue {
    let value = unsafe JSONValue(tape: tape, strings: strings, index: index)
    return unsafe _overrideLifetime(value, copying: self)
  }
}

// MARK: - Scalars

extension JSONValue {
  /// The UTF-8 of a string, unescaped; empty for every other value.
  package var utf8: Span<UInt8> {
    @_lifetime(copy self)
    get {
      guard isString else { return Span() }
      let start = unsafe strings + payload
      let count = unsafe Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
      let bytes = unsafe UnsafeBufferPointer(start: start + 4, count: count)
      return unsafe _overrideLifetime(Span(_unsafeElements: bytes), copying: self)
    }
  }

  /// A copy of a string value; nil for every other value.
  package var string: String? {
    guard isString else { return nil }
    let start = unsafe strings + payload
    let count = unsafe Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
    return unsafe String(decoding: UnsafeBufferPointer(start: start + 4, count: count), as: UTF8.self)
  }

  /// An integer within the range of `Int`; nil for every other value.
  package var integer: Int? {
    switch tag {
    case UInt8(ascii: "l"): unsafe Int(Int64(bitPattern: tape[index + 1]))
    case UInt8(ascii: "u"): unsafe Int(exactly: tape[index + 1])
    default: nil
    }
  }

  /// A number as JSON text: integers exactly, other numbers in the fewest digits that read back as the same `Double`.
  ///
  /// Nil for every other value.
  package var numberText: String? {
    switch tag {
    case UInt8(ascii: "l"): unsafe Int64(bitPattern: tape[index + 1]).description
    case UInt8(ascii: "u"): unsafe tape[index + 1].description
    case UInt8(ascii: "d"): unsafe Double(bitPattern: tape[index + 1]).description
    default: nil
    }
  }

  /// Whether this is the string `text`, byte for byte.
  package func equals(_ text: StaticString) -> Bool {
    guard isString else { return false }
    let start = unsafe strings + payload
    let count = unsafe Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
    guard count == text.utf8CodeUnitCount else { return false }
    let other = unsafe text.utf8Start
    // A plain loop: names are short, and this is where documents are searched for their members.
    var offset = 0
    while offset < count {
      guard unsafe start[4 + offset] == other[offset] else { return false }
      offset += 1
    }
    return true
  }

  /// How a number is written, a tag that tells integers and doubles apart, and its bits.
  internal var numberWord: (tag: UInt8, bits: UInt64) { unsafe (tag, tape[index + 1]) }
}

// MARK: - Members

extension JSONValue {
  /// The member called `name`, or nil when there is none or this is no object.
  ///
  /// Of several members with one name the last counts, as it does for the API server (Go's encoding/json).
  @_lifetime(copy self)
  package func member(_ name: StaticString) -> JSONValue? {
    guard let key = keyIndex(of: name) else { return nil }
    return value(at: key + 1)
  }

  /// The place of the key of the member called `name` in an object; of several the last, as in `member`.
  package func keyIndex(of name: StaticString) -> Int? {
    guard isObject else { return nil }
    var found = 0
    var cursor = contentIndex
    let end = closingIndex
    while cursor < end {
      if value(at: cursor).equals(name) { found = cursor }
      // A key is a string, which takes one word.
      cursor = value(at: cursor + 1).endIndex
    }
    return found == 0 ? nil : found
  }

  /// The member called `name` when it is an object.
  @_lifetime(copy self)
  package func object(_ name: StaticString) -> JSONValue? {
    guard let value = member(name), value.isObject else { return nil }
    return value
  }

  /// A copy of the member called `name` when it is a string.
  package func string(_ name: StaticString) -> String? { member(name)?.string }

  /// Whether the member called `name` is JSON `true`.
  package func isTrue(_ name: StaticString) -> Bool { member(name)?.isTrue ?? false }

  /// Walks the members of an object, or nothing for every other value.
  package var members: JSONMembers {
    @_lifetime(copy self)
    get { JSONMembers(of: self) }
  }

  /// Walks the elements of an array, or nothing for every other value.
  package var elements: JSONElements {
    @_lifetime(copy self)
    get { JSONElements(of: self) }
  }

  /// Whether somewhere in this value the string `name` is directly followed by `true` or by another string.
  ///
  /// One pass over the words of the tape, no structure kept: a *no* is certain and cheap, a *yes* has to be looked at
  /// (the string may be an element or a value rather than a key).
  package func mayContain(_ name: StaticString) -> Bool {
    var cursor = index
    let end = endIndex
    while cursor < end {
      let word = unsafe tape[cursor]
      switch UInt8(truncatingIfNeeded: word >> 56) {
      case UInt8(ascii: "\""):
        if cursor + 1 < end, value(at: cursor).equals(name) {
          let next = unsafe UInt8(truncatingIfNeeded: tape[cursor + 1] >> 56)
          if next == UInt8(ascii: "t") || next == UInt8(ascii: "\"") { return true }
        }
        cursor += 1
      case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): cursor += 2
      default: cursor += 1
      }
    }
    return false
  }
}

extension JSONValue {
  /// Copies of the strings in the member called `name` when it is an array; other elements are left out.
  package func strings(_ name: StaticString) -> [String] {
    guard let array = member(name) else { return [] }
    var strings: [String] = []
    var elements = array.elements
    while let element = elements.next() {
      if let string = element.string { strings.append(string) }
    }
    return strings
  }
}

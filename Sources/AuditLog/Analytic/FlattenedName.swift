// A field of an event, named the way Splunk flattens JSON.

internal import JSONDocument

/// A name such as `user.groups{}`: keys joined by dots, `{}` for each step into the elements of an array.
///
/// Keys may hold dots and braces themselves, so several places of an event may have one name; all of them, and all
/// members with one key, are values of the field. Null is no value, and neither are objects and arrays.
struct FlattenedName: Sendable {
  let text: String
  private let bytes: [UInt8]

  /// Creates a name; the empty name has no values.
  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  /// Whether `condition` holds for a value of this field; it is asked for one value after the other until it does.
  ///
  /// - Complexity: one look at each member of an object whose own name is a beginning of this one.
  func anyValue(in event: borrowing JSONValue, _ condition: (borrowing JSONValue) -> Bool) -> Bool {
    anyMember(of: event, from: 0, condition)
  }

  /// The values of this field as text, in the order of the event.
  ///
  /// - Parameter leftOut: grows by the number of values above `AuditLogLimits.analyticValuesMax`.
  func texts(in event: borrowing JSONValue, leftOut: inout Int) -> [String] {
    var texts: [String] = []
    _ = anyValue(in: event) { value in
      if texts.count < AuditLogLimits.analyticValuesMax {
        if let text = value.fieldText { texts.append(text) }
      } else {
        leftOut += 1
      }
      return false
    }
    return texts
  }

  // Every call below stands further on in the name than its caller, so the name bounds the depth, not the event.

  /// Looks at the members of an object for the part of the name from `start` on.
  private func anyMember(
    of object: borrowing JSONValue,
    from start: Int,
    _ condition: (borrowing JSONValue) -> Bool
  ) -> Bool {
    var members = object.members
    while let member = members.next() {
      guard stands(member.key.utf8, at: start) else { continue }
      if anyLeaf(of: member.value, from: start + member.key.utf8.count, condition) { return true }
    }
    return false
  }

  /// Looks at a value, the name of which ends at `end` so far.
  private func anyLeaf(
    of value: borrowing JSONValue,
    from end: Int,
    _ condition: (borrowing JSONValue) -> Bool
  ) -> Bool {
    guard end < bytes.count else { return value.isFieldValue && condition(value) }
    if value.isObject {
      return bytes[end] == UInt8(ascii: ".") && anyMember(of: value, from: end + 1, condition)
    }
    guard value.isArray, end + 1 < bytes.count, bytes[end] == UInt8(ascii: "{"), bytes[end + 1] == UInt8(ascii: "}")
    else { return false }
    var elements = value.elements
    while let element = elements.next() {
      if anyLeaf(of: element, from: end + 2, condition) { return true }
    }
    return false
  }

  private func stands(_ key: Span<UInt8>, at start: Int) -> Bool {
    guard start + key.count <= bytes.count else { return false }
    for offset in key.indices where key[offset] != bytes[start + offset] { return false }
    return true
  }
}

extension JSONValue {
  /// Whether Splunk has a value of this: all scalars but null.
  fileprivate var isFieldValue: Bool {
    switch kind {
    case .string, .number, .boolean: true
    case .object, .array, .null: false
    }
  }

  /// The text of a scalar; nil when there is none.
  ///
  /// Strings without their escapes, integers exactly, other numbers in the fewest digits that read back the same: how
  /// they were written is lost in parsing. The API server writes integers only.
  var fieldText: String? {
    switch kind {
    case .string: string
    case .number: numberText
    case .boolean: isTrue ? "true" : "false"
    case .object, .array, .null: nil
    }
  }
}

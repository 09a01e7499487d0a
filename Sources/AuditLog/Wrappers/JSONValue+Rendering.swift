// Writes a parsed value out again, without recursion: input decides how deep it goes, never the call stack.

internal import JSONDocument

extension JSONValue {
  /// Writes this value as compact JSON.
  ///
  /// Members and elements keep their order; of members with one name all are written.
  func write(to writer: inout JSONWriter) {
    var open: [OpenContainer] = []
    var place = index
    while true {
      let current = value(at: place)
      if current.isObject || current.isArray {
        if current.isObject { writer.beginObject() } else { writer.beginArray() }
        open.append(
          OpenContainer(isObject: current.isObject, closingIndex: current.closingIndex, next: current.contentIndex)
        )
      } else {
        current.writeScalar(to: &writer)
      }
      while let last = open.last, last.next >= last.closingIndex {
        if last.isObject { writer.endObject() } else { writer.endArray() }
        open.removeLast()
      }
      guard let last = open.indices.last else { return }
      place = open[last].next
      if open[last].isObject {
        let key = value(at: place)
        writer.key(key.string ?? "")
        place = key.endIndex
      }
      open[last].next = value(at: place).endIndex
    }
  }

  private func writeScalar(to writer: inout JSONWriter) {
    switch kind {
    case .string: writer.value(string ?? "")
    case .number: writer.raw(numberText ?? "0")
    case .boolean: writer.value(isTrue)
    case .null, .object, .array: writer.null()
    }
  }
}

private struct OpenContainer {
  let isObject: Bool
  let closingIndex: Int
  /// The key or element to write next.
  var next: Int
}

extension JSONWriter {
  /// Writes `key` and a copy of a parsed value.
  mutating func field(_ key: String, copying value: borrowing JSONValue) {
    self.key(key)
    value.write(to: &self)
  }

  /// Writes a member of a parsed object, its name and its value.
  mutating func copy(_ member: borrowing JSONMember) {
    key(member.key.string ?? "")
    member.value.write(to: &self)
  }
}

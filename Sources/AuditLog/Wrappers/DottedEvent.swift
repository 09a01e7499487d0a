// Events whose fields were flattened: names joined with dots become objects again.

internal import JSONDocument

/// Puts flattened fields back into one another.
enum DottedEvent {
  private struct Entry {
    let path: [DottedName.Step]
    /// The place of the value.
    let place: Int
    /// Whether the name ended in `{}`: Splunk's mark of a list.
    let isList: Bool
  }

  /// Writes the members of an object whose names begin with `prefix` as nested objects.
  ///
  /// Of two members that exclude each other (`a` is text, and `a.b` as well) the shorter name counts.
  ///
  /// - Parameter isTextual: that all values are text, so that `true` and numbers have to be told from it.
  /// - Complexity: n log n in the size of the names; memory grows with it too.
  static func nested(_ object: borrowing JSONValue, prefix: StaticString, isTextual: Bool) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 4 << 10)
    writer.beginObject()
    /// The path of the value that was written last; all its steps but the last are open.
    var written: [DottedName.Step] = []
    for entry in entries(of: object, prefix: prefix) {
      let path = entry.path
      var common = 0
      while common < written.count, common < path.count, written[common] == path[common] { common += 1 }
      // The same name again, or one below a value.
      if common == path.count || (common == written.count && !written.isEmpty) { continue }
      // An object that is also a list.
      if common < written.count, written[common].isOrdinal != path[common].isOrdinal { continue }
      close(&writer, written, downTo: common)
      for level in common..<path.count {
        if case .name(let name) = path[level] { writer.key(name) }
        guard level + 1 < path.count else { continue }
        if path[level + 1].isOrdinal { writer.beginArray() } else { writer.beginObject() }
      }
      let value = object.value(at: entry.place)
      let isPlainList = entry.isList && !value.isArray
      if isPlainList { writer.beginArray() }
      write(value, at: path, isTextual: isTextual, to: &writer)
      if isPlainList { writer.endArray() }
      written = path
    }
    close(&writer, written, downTo: 0)
    writer.endObject()
    return writer.bytes
  }

  /// Closes what is open below the first `level` steps of the path that was written last, save the object at `level`.
  private static func close(_ writer: inout JSONWriter, _ written: [DottedName.Step], downTo level: Int) {
    var depth = written.count - 1
    while depth > level {
      if written[depth].isOrdinal { writer.endArray() } else { writer.endObject() }
      depth -= 1
    }
  }

  private static func entries(of object: borrowing JSONValue, prefix: StaticString) -> [Entry] {
    let prefixLength = prefix.utf8CodeUnitCount
    var entries: [Entry] = []
    var members = object.members
    while let member = members.next() {
      guard member.key.utf8.count > prefixLength, let name = member.key.string, name.hasPrefix(prefix.description)
      else { continue }
      guard let dotted = DottedName(name.utf8.dropFirst(prefixLength)) else { continue }
      entries.append(Entry(path: dotted.steps, place: member.value.index, isList: dotted.isList))
    }
    return entries.sorted { left, right in
      if left.path == right.path { return left.place > right.place }
      return left.path.lexicographicallyPrecedes(right.path)
    }
  }

  private static func write(
    _ value: borrowing JSONValue,
    at path: [DottedName.Step],
    isTextual: Bool,
    to writer: inout JSONWriter
  ) {
    guard isTextual, !path.contains(where: \.isMap) else { return value.write(to: &writer) }
    if value.equals("true") || value.equals("false") { return writer.value(value.equals("true")) }
    if path == [.name("responseStatus"), .name("code")], let code = value.string.flatMap(Int.init) {
      return writer.value(code)
    }
    value.write(to: &writer)
  }
}

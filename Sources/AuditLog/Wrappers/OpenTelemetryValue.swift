// From OpenTelemetry's typed values to plain JSON, without recursion.

internal import JSONDocument

/// An `AnyValue`: an object with one member that names the type of the value.
enum OpenTelemetryValue {
  private struct Frame {
    let isObject: Bool
    let closingIndex: Int
    /// The next value, or pair of a key and a value.
    var next: Int
  }

  /// Writes a value as plain JSON: lists of keys and values become objects.
  static func plain(_ root: borrowing JSONValue) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 4 << 10)
    var open: [Frame] = []
    write(root, open: &open, to: &writer)
    while let last = open.indices.last {
      guard open[last].next < open[last].closingIndex else {
        if open.removeLast().isObject { writer.endObject() } else { writer.endArray() }
        continue
      }
      let entry = root.value(at: open[last].next)
      open[last].next = entry.endIndex
      guard open[last].isObject else {
        write(entry, open: &open, to: &writer)
        continue
      }
      guard let key = entry.string("key") else { continue }
      writer.key(key)
      if let value = entry.member("value") { write(value, open: &open, to: &writer) } else { writer.null() }
    }
    return writer.bytes
  }

  /// Writes a scalar, or opens a list that the caller goes through.
  private static func write(_ value: borrowing JSONValue, open: inout [Frame], to writer: inout JSONWriter) {
    if let list = value.object("kvlistValue") {
      writer.beginObject()
      open.append(frame(list.member("values"), isObject: true))
    } else if let list = value.object("arrayValue") {
      writer.beginArray()
      open.append(frame(list.member("values"), isObject: false))
    } else if let text = value.member("stringValue", or: "bytesValue") {
      writer.value(text.string ?? "")
    } else if let number = value.member("intValue", or: "doubleValue") {
      // Integers of 64 bits are strings in protobuf's JSON.
      writer.raw(number.numberText ?? number.string.flatMap(Int.init).map(String.init) ?? "null")
    } else if let flag = value.member("boolValue") {
      writer.value(flag.isTrue)
    } else {
      writer.null()
    }
  }

  private static func frame(_ values: consuming JSONValue?, isObject: Bool) -> Frame {
    guard let values, values.isArray else { return Frame(isObject: isObject, closingIndex: 0, next: 0) }
    return Frame(isObject: isObject, closingIndex: values.closingIndex, next: values.contentIndex)
  }
}

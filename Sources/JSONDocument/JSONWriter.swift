// Compact JSON text, written straight into a byte array: the one place that knows how JSON is escaped.

/// Writes compact JSON into a byte buffer.
///
/// Commas and colons are placed by the writer; the caller opens and closes objects and arrays in a balanced way, and
/// writes a key before every value inside an object. Keys come out in the order they are written, so output is stable.
package struct JSONWriter: Sendable {
  /// What has been written so far.
  package private(set) var bytes: [UInt8]
  private var needsComma = false

  /// Creates an empty writer with room for `capacityBytes` before it has to grow.
  package init(capacityBytes: Int = 256) {
    bytes = []
    bytes.reserveCapacity(capacityBytes)
  }

  /// The text written so far.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Opens an object; pair it with `endObject()`.
  package mutating func beginObject() {
    separate()
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
  }

  /// Closes the innermost object.
  package mutating func endObject() {
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  /// Opens an array; pair it with `endArray()`.
  package mutating func beginArray() {
    separate()
    bytes.append(UInt8(ascii: "["))
    needsComma = false
  }

  /// Closes the innermost array.
  package mutating func endArray() {
    bytes.append(UInt8(ascii: "]"))
    needsComma = true
  }

  /// Writes a key; the next call writes its value.
  package mutating func key(_ key: String) {
    separate()
    appendQuoted(key)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes a string value.
  package mutating func value(_ string: String) {
    separate()
    appendQuoted(string)
    needsComma = true
  }

  /// Writes a string value given as UTF-8 bytes.
  package mutating func value(utf8: some Sequence<UInt8>) {
    separate()
    appendQuoted(utf8)
    needsComma = true
  }

  /// Writes a key given as UTF-8 bytes; the next call writes its value.
  package mutating func key(utf8: some Sequence<UInt8>) {
    separate()
    appendQuoted(utf8)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// Writes an integer value.
  package mutating func value(_ integer: Int) { raw(String(integer)) }

  /// Writes `true` or `false`.
  package mutating func value(_ boolean: Bool) { raw(boolean ? "true" : "false") }

  /// Writes `null`.
  package mutating func null() { raw("null") }

  /// Writes text that is already one JSON value (a number in its own spelling, a document made elsewhere).
  package mutating func raw(_ json: String) {
    separate()
    bytes.append(contentsOf: json.utf8)
    needsComma = true
  }

  /// Writes a value that is ready but for one string, which stands between two pieces of JSON.
  package mutating func raw(_ before: String, _ string: String, _ after: String) {
    separate()
    bytes.append(contentsOf: before.utf8)
    appendQuoted(string)
    bytes.append(contentsOf: after.utf8)
    needsComma = true
  }

  /// Writes a line feed after a complete document, so that the next one starts afresh (JSON lines).
  package mutating func newline() {
    bytes.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  /// Forgets what was written and keeps the memory.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func appendQuoted(_ string: String) {
    let utf8 = string.utf8.span
    bytes.append(UInt8(ascii: "\""))
    if Self.isPlain(utf8) {
      unsafe utf8.withUnsafeBufferPointer { plain in unsafe bytes.append(contentsOf: plain) }
    } else {
      for index in utf8.indices { appendEscaped(utf8[index]) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func appendQuoted(_ utf8: some Sequence<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    for byte in utf8 { appendEscaped(byte) }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Whether text, as nearly all text, has nothing to be escaped.
  private static func isPlain(_ utf8: Span<UInt8>) -> Bool {
    unsafe utf8.withUnsafeBufferPointer { bytes in
      // Without a way out in the middle, so that the compiler has many bytes looked at at once.
      var found: UInt8 = 0
      for index in bytes.indices {
        let byte = unsafe bytes[index]
        found |= (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0) | (byte == UInt8(ascii: "\\") ? 1 : 0)
      }
      return found == 0
    }
  }

  /// RFC 8259 section 7: quotation mark, reverse solidus and U+0000 to U+001F are escaped; all else is UTF-8 as it is.
  private mutating func appendEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(byte)
    case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
    case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
    case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
    case 0..<0x20:
      bytes.append(contentsOf: "\\u00".utf8)
      bytes.append(Self.hexDigits[Int(byte >> 4)])
      bytes.append(Self.hexDigits[Int(byte & 0xF)])
    default: bytes.append(byte)
    }
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)
}

extension JSONWriter {
  /// Writes `key` and a string value, or nothing when there is no value.
  package mutating func field(_ key: String, _ string: String?) {
    guard let string else { return }
    self.key(key)
    value(string)
  }

  /// Writes `key` and an integer value.
  package mutating func field(_ key: String, _ integer: Int) {
    self.key(key)
    value(integer)
  }

  /// Writes `key` and a boolean value.
  package mutating func field(_ key: String, _ boolean: Bool) {
    self.key(key)
    value(boolean)
  }

  /// Writes `key` and an array of strings.
  package mutating func field(_ key: String, _ strings: [String]) {
    self.key(key)
    beginArray()
    for string in strings { value(string) }
    endArray()
  }
}

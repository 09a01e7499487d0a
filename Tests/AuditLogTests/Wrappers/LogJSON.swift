// JSON and gzip for the tests of wrappers, independent of the code under test.

import Foundation
import JSONDocument

enum LogJSON {
  static func text(_ value: Any) throws -> String {
    let options: JSONSerialization.WritingOptions = [.fragmentsAllowed, .sortedKeys]
    return String(decoding: try JSONSerialization.data(withJSONObject: value, options: options), as: UTF8.self)
  }

  static func object(_ text: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
  }

  /// Whether a number of Foundation's is one of JSON's `true` and `false`.
  static func isBoolean(_ number: NSNumber) -> Bool { ["true", "false"].contains(try? text(number)) }

  /// A parsed value in Foundation's types.
  static func value(_ value: borrowing JSONValue) -> Any {
    switch value.kind {
    case .object:
      var object: [String: Any] = [:]
      var members = value.members
      while let member = members.next() { object[member.key.string ?? ""] = Self.value(member.value) }
      return object
    case .array:
      var array: [Any] = []
      var elements = value.elements
      while let element = elements.next() { array.append(Self.value(element)) }
      return array
    case .string: return value.string ?? ""
    case .number: return value.integer ?? Double(value.numberText ?? "") ?? Double.nan
    case .boolean: return value.isTrue
    case .null: return NSNull()
    }
  }
}

/// Gzip without compression (RFC 1951, stored blocks).
enum StoredGzip {
  static func wrap(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(65_535)
      rest = rest.dropFirst(block.count)
      out.append(rest.isEmpty ? 1 : 0)
      out += little(UInt32(block.count)).prefix(2)
      out += little(~UInt32(block.count)).prefix(2)
      out += block
    } while !rest.isEmpty
    return out + little(checksum(bytes)) + little(UInt32(bytes.count))
  }

  private static func little(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(number >> ($0 * 8) & 0xFF) } }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }
}

// Base64, and gzip in base64: how services put bytes into JSON.

internal import Compression
internal import JSONDocument

extension Unwrapper {
  /// Looks at a document that is in a string as base64, perhaps as gzip in base64.
  func unwrap(encoded text: borrowing JSONValue, into sink: inout some EventSink) -> Outcome {
    let symbols = text.utf8
    // Some exports have the data decoded.
    if symbols.count > 0, symbols[0] == UInt8(ascii: "{") || symbols[0] == UInt8(ascii: "[") {
      return unwrap(inner: text, into: &sink)
    }
    guard let bytes = Base64Data.decoded(symbols) else {
      return refuse(.damaged("its base64 is not valid"), into: &sink)
    }
    guard bytes.starts(with: [0x1F, 0x8B]) else { return unwrap(document: bytes, into: &sink) }
    do throws(InputError) {
      return unwrap(document: try inflateGzip(bytes, limitBytes: recordBytesMax), into: &sink)
    } catch .tooLong(let limit) {
      return refuse(.tooLong(limitBytes: limit), into: &sink)
    } catch {
      return refuse(.damaged(error.description), into: &sink)
    }
  }

  private func refuse(_ reason: UnreadableReason, into sink: inout some EventSink) -> Outcome {
    sink.receive(unreadable: reason)
    return .events
  }
}

/// Base64 with either alphabet of RFC 4648, padded or not.
enum Base64Data {
  /// The bytes, or nil when the text is not base64; line feeds are skipped.
  static func decoded(_ text: Span<UInt8>) -> [UInt8]? {
    let values = values
    var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3 + 3)
    var count = 0
    var bits: UInt32 = 0
    var pending = 0
    var end = text.count
    while end > 0, text[end - 1] == UInt8(ascii: "=") || text[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    for place in 0..<end {
      let value = values[Int(text[place])]
      guard value < 64 else {
        guard text[place] == UInt8(ascii: "\n") || text[place] == UInt8(ascii: "\r") else { return nil }
        continue
      }
      bits = bits << 6 | UInt32(value)
      pending += 1
      guard pending == 4 else { continue }
      bytes[count] = UInt8(truncatingIfNeeded: bits >> 16)
      bytes[count + 1] = UInt8(truncatingIfNeeded: bits >> 8)
      bytes[count + 2] = UInt8(truncatingIfNeeded: bits)
      count += 3
      pending = 0
    }
    // One symbol is six bits, less than a byte.
    guard pending != 1 else { return nil }
    if pending > 1 {
      bits <<= UInt32(6 * (4 - pending))
      bytes[count] = UInt8(truncatingIfNeeded: bits >> 16)
      bytes[count + 1] = UInt8(truncatingIfNeeded: bits >> 8)
      count += pending - 1
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    for (value, symbol) in letters.utf8.enumerated() { values[Int(symbol)] = UInt8(value) }
    for (value, symbols) in [(62, "+-"), (63, "/_")] {
      for symbol in symbols.utf8 { values[Int(symbol)] = UInt8(value) }
    }
    return values
  }()
}

// Base64, as the system's OpenSSL writes it.

internal import COpenSSL

/// Base64 with padding (RFC 4648, section 4).
package enum Base64Text {
  /// Bytes as base64, in one line.
  package static func of(_ bytes: [UInt8]) -> String {
    // Four characters for three bytes, and a zero behind them.
    var encoded = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
    let count = unsafe encoded.withUnsafeMutableBufferPointer { target in
      unsafe bytes.withUnsafeBufferPointer {
        unsafe EVP_EncodeBlock(target.baseAddress, $0.baseAddress, Int32($0.count))
      }
    }
    return String(decoding: encoded.prefix(Int(count)), as: UTF8.self)
  }
}

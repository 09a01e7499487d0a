// SHA-256, as the system's OpenSSL computes it.

internal import COpenSSL

/// SHA-256 digests (FIPS 180-4).
package enum SHA256Digest {
  /// The 32 bytes of the digest.
  package static func bytes(of text: Span<UInt8>) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    unsafe text.withUnsafeBufferPointer { bytes in
      unsafe digest.withUnsafeMutableBufferPointer { _ = unsafe SHA256(bytes.baseAddress, bytes.count, $0.baseAddress) }
    }
    return digest
  }

  /// The digest as base64 (RFC 4648), as a Content-Security-Policy has it.
  package static func base64(of text: Span<UInt8>) -> String {
    let digest = bytes(of: text)
    // Four characters for three bytes, and a zero behind them.
    var encoded = [UInt8](repeating: 0, count: (digest.count + 2) / 3 * 4 + 1)
    let count = unsafe encoded.withUnsafeMutableBufferPointer { target in
      unsafe digest.withUnsafeBufferPointer {
        unsafe EVP_EncodeBlock(target.baseAddress, $0.baseAddress, Int32($0.count))
      }
    }
    return String(decoding: encoded.prefix(Int(count)), as: UTF8.self)
  }

  /// The first hexadecimal digits of the digest, two of each byte.
  package static func hexadecimal(of text: Span<UInt8>, bytes count: Int = 32) -> String {
    bytes(of: text).prefix(count).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
  }
}

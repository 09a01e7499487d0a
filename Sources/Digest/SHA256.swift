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

  /// The digest as base64, as a Content-Security-Policy has it.
  package static func base64(of text: Span<UInt8>) -> String { Base64Text.of(bytes(of: text)) }

  /// The first hexadecimal digits of the digest, two of each byte.
  package static func hexadecimal(of text: Span<UInt8>, bytes count: Int = 32) -> String {
    bytes(of: text).prefix(count).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
  }
}

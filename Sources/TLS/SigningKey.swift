// The owner of a private key.

internal import COpenSSL

/// An ECDSA key on P-256: small, fast to sign with, and understood by every TLS client.
@safe struct SigningKey: ~Copyable {
  private let raw: OpaquePointer

  /// Makes a new key.
  init() throws(TLSError) {
    ERR_clear_error()
    guard let raw = unsafe hostfence_new_p256_key() else {
      throw .openSSL(.cryptographyFailed, "OpenSSL cannot make an ECDSA P-256 key; check its providers")
    }
    unsafe self.raw = raw
  }

  deinit { unsafe EVP_PKEY_free(raw) }

  /// Lends the key to `body`.
  func withKey<Result>(_ body: (OpaquePointer) throws(TLSError) -> Result) throws(TLSError) -> Result {
    try unsafe body(raw)
  }

  /// The key as unencrypted PKCS #8, `BEGIN PRIVATE KEY`.
  func pem() throws(TLSError) -> [UInt8] {
    try unsafe PEMText.bytes { output in unsafe PEM_write_bio_PKCS8PrivateKey(output, raw, nil, nil, 0, nil, nil) }
  }
}

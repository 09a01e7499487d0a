// The owner of an X.509 certificate that is being made.

internal import COpenSSL

/// An X.509 version 3 certificate.
@safe struct Certificate: ~Copyable {
  private let raw: OpaquePointer

  /// Starts a certificate for `key`, named `commonName`, valid for `days` from a few minutes ago on.
  static func unsigned(
    commonName: String,
    for key: borrowing SigningKey,
    days: Int
  ) throws(TLSError) -> Certificate {
    let certificate = try Certificate()
    try certificate.describe(commonName, days)
    try certificate.setPublicKey(key)
    try certificate.setSerialNumber()
    return certificate
  }

  private init() throws(TLSError) {
    ERR_clear_error()
    guard let raw = unsafe X509_new() else { throw Self.failure() }
    unsafe self.raw = raw
  }

  deinit { unsafe X509_free(raw) }

  /// Adds an extension in the syntax of x509v3_config(5); `issuer` is nil for a self-signed certificate.
  func add(_ identifier: Int32, _ value: String) throws(TLSError) {
    try unsafe add(identifier, value, issuer: raw)
  }

  /// Adds the identifier of the key of `issuer`, which signs this certificate.
  func addAuthorityKeyIdentifier(of issuer: borrowing Certificate) throws(TLSError) {
    try unsafe add(NID_authority_key_identifier, "keyid:always", issuer: issuer.raw)
  }

  /// Names `issuer` as the issuer and signs with `key`, which is its key; SHA-256.
  func sign(as issuer: borrowing Certificate, with key: borrowing SigningKey) throws(TLSError) {
    ERR_clear_error()
    try unsafe sign(issuer: issuer.raw, key)
  }

  /// Signs with its own `key`, as its own issuer; SHA-256.
  func selfSign(with key: borrowing SigningKey) throws(TLSError) {
    ERR_clear_error()
    try unsafe sign(issuer: raw, key)
  }

  /// The certificate as PEM.
  func pem() throws(TLSError) -> [UInt8] {
    try unsafe PEMText.bytes { output in unsafe PEM_write_bio_X509(output, raw) }
  }

  private func sign(issuer: OpaquePointer, _ key: borrowing SigningKey) throws(TLSError) {
    guard unsafe X509_set_issuer_name(raw, X509_get_subject_name(issuer)) == 1 else { throw Self.failure() }
    try unsafe key.withKey { key throws(TLSError) in
      // The size of the signature, or 0.
      guard unsafe X509_sign(raw, key, EVP_sha256()) > 0 else { throw Self.failure() }
    }
  }

  private func add(_ identifier: Int32, _ value: String, issuer: OpaquePointer) throws(TLSError) {
    ERR_clear_error()
    guard unsafe hostfence_x509_add_extension(raw, issuer, identifier, value) == 1 else { throw Self.failure() }
  }

  private func describe(_ commonName: String, _ days: Int) throws(TLSError) {
    guard unsafe X509_set_version(raw, Int(X509_VERSION_3)) == 1 else { throw Self.failure() }
    let name = unsafe X509_get_subject_name(raw)
    for (field, value) in [("O", "Hostfence"), ("CN", commonName)] {
      guard unsafe X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, value, -1, -1, 0) == 1 else {
        throw Self.failure()
      }
    }
    let backdated = -TLSLimits.backdatedSeconds
    guard unsafe X509_time_adj_ex(X509_getm_notBefore(raw), 0, backdated, nil) != nil,
      unsafe X509_time_adj_ex(X509_getm_notAfter(raw), Int32(days), backdated, nil) != nil
    else { throw Self.failure() }
  }

  private func setPublicKey(_ key: borrowing SigningKey) throws(TLSError) {
    let isSet = try unsafe key.withKey { key throws(TLSError) in unsafe X509_set_pubkey(raw, key) == 1 }
    guard isSet else { throw Self.failure() }
  }

  private func setSerialNumber() throws(TLSError) {
    var bytes = [UInt8](repeating: 0, count: TLSLimits.serialBytes)
    guard unsafe RAND_bytes(&bytes, Int32(bytes.count)) == 1 else { throw Self.failure() }
    // A serial number must not be zero, which 128 random bits will not be but for a broken source.
    guard bytes.contains(where: { $0 != 0 }) else { throw Self.failure() }
    guard let number = unsafe BN_bin2bn(bytes, Int32(bytes.count), nil) else { throw Self.failure() }
    defer { unsafe BN_free(number) }
    guard unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(raw)) != nil else { throw Self.failure() }
  }

  private static func failure() -> TLSError {
    .openSSL(.cryptographyFailed, "OpenSSL cannot make a certificate; check its providers and the machine's memory")
  }
}

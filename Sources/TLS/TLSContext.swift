// The owner of OpenSSL's SSL_CTX: what all connections of one server or one client have in common.

internal import COpenSSL
internal import Glibc

/// Certificates, trust and protocol settings, shared by any number of connections.
///
/// Sendable because the SSL_CTX is never changed once `init` has returned, and OpenSSL counts its references
/// atomically: creating connections from it on several threads at once is what OpenSSL documents as safe.
/// A connection keeps its SSL_CTX alive, so a context can be replaced while connections made from it go on.
@safe package final class TLSContext: @unchecked Sendable {
  /// Which side of a connection a context is for.
  enum Role: Sendable {
    case server, client
  }

  /// Protocol versions that can be spoken; tests narrow them, nothing else does.
  enum Versions: Sendable {
    case atLeast12, only12, only13
  }

  /// Which side this context is for.
  let role: Role
  private let raw: OpaquePointer

  /// Creates a context with what servers and clients share.
  init(role: Role, versions: Versions) throws(TLSError) {
    ERR_clear_error()
    guard let raw = unsafe SSL_CTX_new(role == .server ? TLS_server_method() : TLS_client_method()) else {
      throw .openSSL(.cryptographyFailed, "OpenSSL cannot make a TLS context; check its configuration file")
    }
    self.role = role
    unsafe self.raw = raw
    try configure(versions)
  }

  deinit { unsafe SSL_CTX_free(raw) }

  /// When the certificate of a server begins and ceases to be valid, in seconds since the epoch; nil where there is none.
  package var certificateLifetime: (begin: Int64, end: Int64)? {
    guard let certificate = unsafe SSL_CTX_get0_certificate(raw),
      let begin = unsafe Self.seconds(X509_get0_notBefore(certificate)),
      let end = unsafe Self.seconds(X509_get0_notAfter(certificate))
    else { return nil }
    return (begin, end)
  }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    var fields = unsafe tm()
    guard unsafe ASN1_TIME_to_tm(time, &fields) == 1 else { return nil }
    return unsafe Int64(timegm(&fields))
  }

  /// A new connection's SSL, owned by the caller; null when memory is out.
  func makeConnection() -> OpaquePointer? { unsafe SSL_new(raw) }

  /// Lends the SSL_CTX to `body` while the context is being set up.
  func withContext<Result>(_ body: (OpaquePointer) throws(TLSError) -> Result) throws(TLSError) -> Result {
    ERR_clear_error()
    return try unsafe body(raw)
  }

  private func configure(_ versions: Versions) throws(TLSError) {
    let lowest = versions == .only13 ? TLS1_3_VERSION : TLS1_2_VERSION
    let highest = versions == .only12 ? TLS1_2_VERSION : 0
    try unsafe withContext { context throws(TLSError) in
      // Of the machine's own configuration only providers (FIPS) matter: versions and strength are set here,
      // so that a container and a laptop behave alike. Level 2 means RSA of 2048 bits or more, and no SHA-1.
      unsafe SSL_CTX_set_security_level(context, 2)
      guard unsafe hostfence_ssl_ctx_set_min_version(context, lowest) == 1,
        unsafe hostfence_ssl_ctx_set_max_version(context, highest) == 1,
        unsafe SSL_CTX_set_cipher_list(context, Self.cipherSuitesOfTLS12) == 1
      else {
        throw .openSSL(.cryptographyFailed, "OpenSSL offers neither TLS 1.2 nor 1.3; check its configuration file")
      }
      unsafe hostfence_ssl_ctx_forbid_compression_and_renegotiation(context)
      unsafe hostfence_ssl_ctx_release_idle_buffers(context)
      unsafe hostfence_ssl_ctx_forbid_password_prompt(context)
      unsafe hostfence_ssl_ctx_set_peer_certificate_bytes_max(context, TLSLimits.peerCertificateBytesMax)
      // No resumption. API servers keep a few connections open for long, so a resumed handshake would save next to
      // nothing. A ticket of one replica is of use at another only if they share a key, which is one more secret to
      // distribute and to rotate, and which weakens forward secrecy. A cache costs memory per client. And a resumed
      // session would let a client certificate in after its authority was replaced.
      unsafe hostfence_ssl_ctx_forbid_resumption(context)
    }
  }

  /// TLS 1.2's suites with a forward-secret key exchange and authenticated encryption; TLS 1.3 has no others.
  private static let cipherSuitesOfTLS12 = [
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
  ].joined(separator: ":")
}

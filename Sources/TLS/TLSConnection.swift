// The owner of one OpenSSL connection: handshake, decryption, encryption and the closing alert, without any channel.

internal import COpenSSL
internal import NIOCore

/// One side of a TLS connection over a `RecordTransport`.
///
/// Every call works on the bytes at hand and returns; that more bytes are needed is an outcome, not an error.
@safe struct TLSConnection: ~Copyable {
  /// What came of an attempt to decrypt.
  enum DecryptOutcome: Equatable {
    /// Plaintext was added to the buffer.
    case decrypted
    /// No whole record is there; more bytes from the network are needed.
    case needsMore
    /// The peer's close_notify: nothing follows.
    case closedByPeer
  }

  /// The encrypted bytes in and out.
  let transport = RecordTransport()
  private let raw: OpaquePointer

  /// The server's side of a connection.
  static func server(_ context: TLSContext) throws(TLSError) -> TLSConnection {
    precondition(context.role == .server, "a server's connection needs a server's context")
    let connection = try TLSConnection(context)
    unsafe SSL_set_accept_state(connection.raw)
    return connection
  }

  /// The client's side; `peerName` is the DNS name or IP address that the server's certificate must carry.
  static func client(_ context: TLSContext, peerName: String) throws(TLSError) -> TLSConnection {
    precondition(context.role == .client, "a client's connection needs a client's context")
    let connection = try TLSConnection(context)
    unsafe SSL_set_connect_state(connection.raw)
    try connection.expect(peerName)
    return connection
  }

  private init(_ context: TLSContext) throws(TLSError) {
    ERR_clear_error()
    guard let raw = unsafe context.makeConnection() else { throw Self.outOfMemory() }
    guard let bio = unsafe transport.makeBIO() else {
      unsafe SSL_free(raw)
      throw Self.outOfMemory()
    }
    // One BIO for both directions: SSL_set_bio takes our one reference and SSL_free gives it back.
    unsafe SSL_set_bio(raw, bio, bio)
    unsafe self.raw = raw
  }

  deinit { unsafe SSL_free(raw) }

  private static func outOfMemory() -> TLSError {
    .openSSL(.cryptographyFailed, "OpenSSL cannot make a TLS connection; the process may be out of memory")
  }

  private func expect(_ peerName: String) throws(TLSError) {
    ERR_clear_error()
    if CertificateName.isIPAddress(peerName) {
      // Server name indication is for DNS names only (RFC 6066, 3).
      guard unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(raw), peerName) == 1 else {
        throw .openSSL(.invalidRequest, "\(peerName) cannot be verified as an IP address; give it without brackets")
      }
      return
    }
    unsafe SSL_set_hostflags(raw, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    guard !peerName.isEmpty, !peerName.utf8.contains(0), unsafe SSL_set1_host(raw, peerName) == 1,
      unsafe hostfence_ssl_set_server_name(raw, peerName) == 1
    else {
      throw .openSSL(.invalidRequest, "\"\(peerName)\" is no host name to connect to; give a DNS name or an IP address")
    }
  }

  /// The protocol that ALPN agreed on; nil when the client offered none.
  var negotiatedProtocol: String? {
    var bytes: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    unsafe SSL_get0_alpn_selected(raw, &bytes, &length)
    guard let bytes = unsafe bytes, length > 0 else { return nil }
    return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: Int(length)), as: UTF8.self)
  }

  /// The protocol version, such as `TLSv1.3`.
  var protocolVersion: String { unsafe String(cString: SSL_get_version(raw)) }

  /// Whether a record is half received: the next plaintext may be up to one record more than the next bytes.
  var holdsPartOfRecord: Bool { unsafe SSL_has_pending(raw) == 1 }

  /// Whether another decryption may yield plaintext without new bytes from the network.
  var mayYieldMore: Bool { unsafe transport.inbound.readableBytes > 0 || SSL_pending(raw) > 0 }

  /// Goes on with the handshake; true when it is done, false when it needs more bytes from the peer.
  func advanceHandshake() throws(TLSError) -> Bool {
    ERR_clear_error()
    let outcome = unsafe SSL_do_handshake(raw)
    if outcome == 1 { return true }
    guard unsafe SSL_get_error(raw, outcome) != SSL_ERROR_WANT_READ else { return false }
    throw handshakeError()
  }

  /// Decrypts what fits of the next record to the end of `buffer`, leaving `TLSLimits.inboundSpareBytes` free behind it.
  func decrypt(into buffer: inout ByteBuffer) throws(TLSError) -> DecryptOutcome {
    ERR_clear_error()
    var outcome: Int32 = 0
    let spare = TLSLimits.inboundSpareBytes
    let wanted = unsafe max(Int(SSL_pending(raw)), 1) + spare
    unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { target in
      var count = 0
      outcome = unsafe SSL_read_ex(raw, target.baseAddress, target.count - spare, &count)
      return count
    }
    if outcome == 1 { return .decrypted }
    switch unsafe SSL_get_error(raw, outcome) {
    case SSL_ERROR_WANT_READ: return .needsMore
    case SSL_ERROR_ZERO_RETURN: return .closedByPeer
    default: throw connectionError("The peer broke the TLS protocol or refused the connection; it was closed")
    }
  }

  /// Encrypts `length` bytes of `plaintext`, from `offset` after its reader index on, into the transport.
  func encrypt(_ plaintext: ByteBuffer, at offset: Int, length: Int) throws(TLSError) {
    guard length > 0 else { return }
    ERR_clear_error()
    let outcome = unsafe plaintext.withUnsafeReadableBytes { bytes in
      let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
      var count = 0
      return unsafe SSL_write_ex(raw, part.baseAddress, part.count, &count)
    }
    // The transport takes everything, so there is no partial write and nothing to wait for.
    guard outcome == 1 else { throw connectionError("OpenSSL cannot encrypt any more; the connection was closed") }
  }

  /// Writes close_notify into the transport.
  ///
  /// To be called once, after the handshake and unless the connection failed.
  func writeCloseNotify() {
    ERR_clear_error()
    // The outcome says whether the peer's close_notify was seen as well, on which nothing depends.
    _ = unsafe SSL_shutdown(raw)
    ERR_clear_error()
  }

  private func handshakeError() -> TLSError {
    let verification = unsafe SSL_get_verify_result(raw)
    if verification != X509_V_OK {
      let reason = unsafe String(cString: X509_verify_cert_error_string(verification))
      return .openSSL(
        .peerNotTrusted,
        "The peer's certificate is not accepted: \(reason); check its issuer, lifetime and names against the CA file"
      )
    }
    if TLSError.latestReasonIs(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, library: ERR_LIB_SSL) {
      return .openSSL(.peerNotTrusted, "The client showed no certificate; give it one that the client CA signed")
    }
    return .openSSL(.handshakeFailed, "The TLS handshake failed; see the reason for what the two sides disagree on")
  }

  private func connectionError(_ message: String) -> TLSError { .openSSL(.protocolViolation, message) }
}

// Every bound of the TLS layer, with its unit and its reason.

/// Bounds of TLS connections and certificates.
package enum TLSLimits {
  /// Seconds a handshake may take, unless the caller says otherwise: long for a loaded network, short for a squatter.
  package static let handshakeSeconds: Int64 = 10

  /// Bytes a peer may send before the handshake is done.
  ///
  /// A handshake with a chain of certificates has under 20 kB; OpenSSL bounds each message, this bounds them together.
  package static let handshakeBytesMax = 256 * 1024

  /// Bytes of certificates a peer may send: ten large ones.
  static let peerCertificateBytesMax = 64 * 1024

  /// Bytes of flushed or unflushed writes held until the handshake is done: one large batch of a client's.
  package static let heldBytesMax = 16 * 1024 * 1024

  /// Seconds a close waits until the peer has taken what was written before; then the socket is closed all the same.
  package static let closeSeconds: Int64 = 5

  /// Bytes of plaintext in one TLS record (RFC 8446, 5.1).
  static let recordBytesMax = 16_384

  /// Bytes a record adds to its plaintext, rounded up: header 5, explicit nonce 8, content type 1, tag 16.
  static let recordOverheadBytes = 32

  /// Bytes of plaintext encrypted into one outbound buffer, so that a huge write needs no huge contiguous buffer.
  static let outboundPlaintextBytesMax = 16 * recordBytesMax

  /// Bytes kept free behind the plaintext of each inbound buffer: simdjson reads up to so many past the end.
  package static let inboundSpareBytes = 64

  /// Writes for which the queue keeps its memory between flushes: an HTTP response has three or four.
  static let pendingWritesKept = 32

  /// Bytes of one reason of OpenSSL's; it documents 256 as enough.
  static let reasonBytesMax = 256

  /// Days a serving certificate may be valid.
  ///
  /// One at least, and no longer than the authority that signs it.
  package static let certificateDays = 1...authorityDays

  /// Days a certificate authority is valid: ten years, so that serving certificates can be renewed under the same caBundle.
  package static let authorityDays = 3650

  /// Seconds by which a certificate is valid before it was made, for peers whose clock is behind.
  static let backdatedSeconds = 300

  /// Names and addresses in one certificate: a Service has four names, a test cluster a few more.
  package static let alternativeNamesMax = 100

  /// Bytes of a DNS name without its final dot (RFC 1035, 2.3.4).
  static let dnsNameBytesMax = 253

  /// Bytes of one label of a DNS name (RFC 1035, 2.3.4).
  static let dnsLabelBytesMax = 63

  /// Bytes of a certificate's serial number: 128 random bits, of the 20 bytes RFC 5280 allows.
  static let serialBytes = 16
}

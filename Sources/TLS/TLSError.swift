// What can go wrong with certificates and TLS connections, in words that say what to do.

internal import COpenSSL

/// A certificate, key, handshake or TLS connection that failed.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of failure it is; the cases a caller may treat differently.
  package enum Code: String, Sendable, Equatable {
    /// A certificate file cannot be read or holds no usable certificate.
    case certificateUnusable
    /// A private key file cannot be read, or holds no usable key, or an encrypted one.
    case keyUnusable
    /// A private key does not belong to the certificate.
    case keyMismatch
    /// A file of trusted certificate authorities cannot be read or holds none.
    case authorityUnusable
    /// The peer's certificate is missing, not trusted, expired, or for another name.
    case peerNotTrusted
    /// The handshake failed for another reason: no TLS, no common version, cipher suite or protocol.
    case handshakeFailed
    /// The handshake was not done in time.
    case handshakeTimedOut
    /// The peer sent more handshake data than a handshake has.
    case handshakeTooLarge
    /// The peer hung up in the middle of the handshake.
    case handshakeAbandoned
    /// The peer hung up without close_notify: what came last may be cut short.
    case truncated
    /// The peer broke the protocol after the handshake, or sent a fatal alert.
    case protocolViolation
    /// A write came before the handshake was done, beyond what is held for that time.
    case writeTooEarly
    /// A name, address or lifetime that no certificate can have.
    case invalidRequest
    /// A file is there already and may not be replaced.
    case fileExists
    /// A file or directory cannot be written.
    case fileSystem
    /// OpenSSL itself failed: no memory, no randomness, or a provider that lacks an algorithm.
    case cryptographyFailed
  }

  /// What kind of failure it is.
  package let code: Code
  /// One sentence: what failed, why, and what to do.
  package let message: String
  /// OpenSSL's error queue when it failed, the oldest first; empty where OpenSSL had nothing to say.
  package let reasons: [String]

  /// Creates an error; `reasons` is OpenSSL's error queue as text.
  package init(_ code: Code, _ message: String, reasons: [String] = []) {
    self.code = code
    self.message = message
    self.reasons = reasons
  }

  package var description: String {
    reasons.isEmpty ? message : "\(message) (OpenSSL: \(reasons.joined(separator: "; ")))"
  }
}

extension TLSError {
  /// An error with everything OpenSSL's error queue of this thread holds; empties the queue.
  static func openSSL(_ code: Code, _ message: String) -> TLSError {
    TLSError(code, message, reasons: drainOpenSSLErrors())
  }

  /// Takes this thread's OpenSSL error queue as text.
  static func drainOpenSSLErrors() -> [String] {
    var reasons: [String] = []
    while true {
      var detail: UnsafePointer<CChar>?
      var flags: Int32 = 0
      let code = unsafe ERR_get_error_all(nil, nil, nil, &detail, &flags)
      guard code != 0 else { return reasons }
      var text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: TLSLimits.reasonBytesMax) { buffer in
        unsafe ERR_error_string_n(code, buffer.baseAddress, buffer.count)
        return unsafe buffer.baseAddress.map { unsafe String(cString: $0) } ?? ""
      }
      if flags & ERR_TXT_STRING != 0, let detail = unsafe detail, unsafe detail.pointee != 0 {
        text += unsafe " (\(String(cString: detail)))"
      }
      reasons.append(text)
    }
  }

  /// Whether this thread's error queue has an error of OpenSSL's library `library` with `reason`; leaves the queue alone.
  static func latestReasonIs(_ reason: Int32, library: Int32) -> Bool {
    let code = ERR_peek_last_error()
    return ERR_GET_LIB(code) == library && ERR_GET_REASON(code) == reason
  }
}

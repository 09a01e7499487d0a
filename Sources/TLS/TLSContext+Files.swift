// Contexts from PEM files: a server with or without client certificates, and a client.

internal import COpenSSL

extension TLSContext {
  /// A server's context: TLS 1.2 and 1.3, http/1.1 by ALPN.
  ///
  /// A client that offers other protocols only is refused with the alert no_application_protocol; one that offers
  /// none goes on. With `clientCAPEMFile`, clients must show a certificate that those authorities signed for clients.
  ///
  /// - Throws: `certificateUnusable`, `keyUnusable`, `keyMismatch` or `authorityUnusable`, with the file's name.
  package static func server(
    certificateChainPEMFile: String,
    privateKeyPEMFile: String,
    clientCAPEMFile: String? = nil
  ) throws(TLSError) -> TLSContext {
    try server(
      certificateChainPEMFile: certificateChainPEMFile,
      privateKeyPEMFile: privateKeyPEMFile,
      clientCAPEMFile: clientCAPEMFile,
      versions: .atLeast12
    )
  }

  /// As above, from the files of one server.
  package static func server(_ files: ServerCertificateFiles) throws(TLSError) -> TLSContext {
    try server(
      certificateChainPEMFile: files.certificateChain,
      privateKeyPEMFile: files.privateKey,
      clientCAPEMFile: files.clientCA,
      clientNames: files.clientNames,
      versions: .atLeast12
    )
  }

  /// A client's context: verifies the server's chain and the name or address that it connects to.
  ///
  /// - Parameters:
  ///   - caPEMFile: the authorities to trust; nil trusts those of the system.
  ///   - certificateChainPEMFile: the client's own certificate for servers that ask for one, with `privateKeyPEMFile`.
  /// - Throws: `authorityUnusable`, `certificateUnusable`, `keyUnusable` or `keyMismatch`, with the file's name.
  package static func client(
    caPEMFile: String?,
    certificateChainPEMFile: String? = nil,
    privateKeyPEMFile: String? = nil
  ) throws(TLSError) -> TLSContext {
    try client(
      caPEMFile: caPEMFile,
      certificateChainPEMFile: certificateChainPEMFile,
      privateKeyPEMFile: privateKeyPEMFile,
      versions: .atLeast12
    )
  }

  /// As the package's `server`, with the protocol versions narrowed.
  static func server(
    certificateChainPEMFile: String,
    privateKeyPEMFile: String,
    clientCAPEMFile: String?,
    clientNames: [String] = [],
    versions: Versions
  ) throws(TLSError) -> TLSContext {
    let made = try TLSContext(role: .server, versions: versions)
    try made.use(certificateChainPEMFile: certificateChainPEMFile, privateKeyPEMFile: privateKeyPEMFile)
    if let clientCAPEMFile { try made.requireClientCertificates(from: clientCAPEMFile, names: clientNames) }
    try unsafe made.withContext { context throws(TLSError) in unsafe hostfence_ssl_ctx_select_http_1_1(context) }
    return made
  }

  /// As the package's `client`, with the protocol versions narrowed.
  static func client(
    caPEMFile: String?,
    certificateChainPEMFile: String?,
    privateKeyPEMFile: String?,
    versions: Versions
  ) throws(TLSError) -> TLSContext {
    let made = try TLSContext(role: .client, versions: versions)
    if let caPEMFile {
      try made.trust(caPEMFile)
    } else {
      try unsafe made.withContext { context throws(TLSError) in
        guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
          throw .openSSL(.authorityUnusable, "The system's certificate authorities cannot be read; name a CA file")
        }
      }
    }
    if let certificateChainPEMFile, let privateKeyPEMFile {
      try made.use(certificateChainPEMFile: certificateChainPEMFile, privateKeyPEMFile: privateKeyPEMFile)
    }
    try unsafe made.withContext { context throws(TLSError) in
      unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
      guard unsafe hostfence_ssl_ctx_offer_http_1_1(context) == 0 else {
        throw .openSSL(.cryptographyFailed, "OpenSSL is out of memory")
      }
    }
    return made
  }

  private func use(certificateChainPEMFile: String, privateKeyPEMFile: String) throws(TLSError) {
    try unsafe withContext { context throws(TLSError) in
      guard unsafe SSL_CTX_use_certificate_chain_file(context, certificateChainPEMFile) == 1 else {
        throw .openSSL(
          .certificateUnusable,
          "The certificate file \(certificateChainPEMFile) cannot be used; "
            + "it must be readable and hold PEM, the server's own certificate first"
        )
      }
    }
    try unsafe withContext { context throws(TLSError) in
      let loaded = unsafe SSL_CTX_use_PrivateKey_file(context, privateKeyPEMFile, SSL_FILETYPE_PEM) == 1
      let matches = unsafe loaded && SSL_CTX_check_private_key(context) == 1
      guard !matches else { return }
      if loaded || Self.latestErrorIsMismatch {
        throw .openSSL(
          .keyMismatch,
          "The private key in \(privateKeyPEMFile) does not belong to the certificate in \(certificateChainPEMFile); "
            + "give the two files that were made together"
        )
      }
      throw .openSSL(
        .keyUnusable,
        "The private key file \(privateKeyPEMFile) cannot be used; it must be readable and hold an unencrypted "
          + "PEM key (`openssl pkey -in FILE -out NEW` removes a password)"
      )
    }
  }

  private func trust(_ file: String) throws(TLSError) {
    try unsafe withContext { context throws(TLSError) in
      guard unsafe SSL_CTX_load_verify_file(context, file) == 1 else {
        throw .openSSL(
          .authorityUnusable,
          "The CA file \(file) cannot be used; it must be readable and hold PEM certificates of authorities"
        )
      }
    }
  }

  private func requireClientCertificates(from file: String, names: [String]) throws(TLSError) {
    try trust(file)
    try unsafe withContext { context throws(TLSError) in
      // The names of the authorities are sent along, so that a client with several certificates picks the right one.
      guard let authorities = unsafe SSL_load_client_CA_file(file) else {
        throw .openSSL(.authorityUnusable, "The client CA file \(file) holds no certificate; put the PEM of a CA there")
      }
      unsafe SSL_CTX_set_client_CA_list(context, authorities)
      unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
      try unsafe Self.accept(names, in: SSL_CTX_get0_param(context))
    }
  }

  /// Has OpenSSL accept only certificates that carry one of some names, as DNS name or common name.
  ///
  /// Clients of Kubernetes carry their user name as common name (Kubernetes, Authenticating: X.509 client certificates).
  private static func accept(_ names: [String], in parameters: OpaquePointer?) throws(TLSError) {
    let flags = UInt32(X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS)
    unsafe X509_VERIFY_PARAM_set_hostflags(parameters, flags)
    for name in names {
      guard !name.isEmpty, !name.utf8.contains(0), unsafe X509_VERIFY_PARAM_add1_host(parameters, name, 0) == 1 else {
        throw .openSSL(.invalidRequest, "\"\(name)\" is no name that a client's certificate can carry")
      }
    }
  }

  /// OpenSSL compares key and certificate while it loads the key, so a mismatch arrives as a loading error.
  private static var latestErrorIsMismatch: Bool {
    TLSError.latestReasonIs(X509_R_KEY_VALUES_MISMATCH, library: ERR_LIB_X509)
      || TLSError.latestReasonIs(X509_R_KEY_TYPE_MISMATCH, library: ERR_LIB_X509)
  }
}

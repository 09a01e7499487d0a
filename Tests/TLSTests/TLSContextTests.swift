// Contexts from files: what is refused, and whether the message helps.

import Testing

@testable import TLS

@Suite struct TLSContextTests {
  let certificates: TestCertificates
  let directory: TemporaryDirectory

  init() throws {
    certificates = try TestCertificates.shared.get()
    directory = try TemporaryDirectory()
  }

  func server(certificate: String? = nil, key: String? = nil, clientCA: String? = nil) throws(TLSError) {
    _ = try TLSContext.server(
      certificateChainPEMFile: certificate ?? certificates.certificate,
      privateKeyPEMFile: key ?? certificates.key,
      clientCAPEMFile: clientCA
    )
  }

  func refusal(_ body: () throws(TLSError) -> Void) -> TLSError? {
    do throws(TLSError) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  @Test func `a key of another certificate is refused with both files named`() throws {
    let key = certificates.directory.file("stranger/tls.key")
    let error = try #require(refusal { () throws(TLSError) in try server(key: key) })
    #expect(error.code == .keyMismatch)
    #expect(error.description.contains(key))
    #expect(error.description.contains(certificates.certificate))
    #expect(error.description.contains("key values mismatch"))
  }

  @Test func `a key of another type is a mismatch too`() throws {
    let key = directory.file("rsa.key")
    try Command.check("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out \(key)")
    let error = try #require(refusal { () throws(TLSError) in try server(key: key) })
    #expect(error.code == .keyMismatch)
  }

  @Test func `an encrypted key is refused without asking for a password`() throws {
    let key = directory.file("encrypted.key")
    try Command.check("openssl pkey -in \(certificates.key) -aes256 -passout pass:secret -out \(key)")
    let error = try #require(refusal { () throws(TLSError) in try server(key: key) })
    #expect(error.code == .keyUnusable)
    #expect(error.message.contains("unencrypted"))
  }

  @Test func `missing, empty and broken files are refused by name`() throws {
    let empty = try directory.write("", to: "empty.pem")
    let broken = try directory.write(
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      to: "broken.pem"
    )
    for file in [directory.file("missing.pem"), empty, broken, directory.path] {
      let certificate = try #require(refusal { () throws(TLSError) in try server(certificate: file) })
      #expect(certificate.code == .certificateUnusable)
      let key = try #require(refusal { () throws(TLSError) in try server(key: file) })
      #expect(key.code == .keyUnusable)
      let clientCA = try #require(refusal { () throws(TLSError) in try server(clientCA: file) })
      #expect(clientCA.code == .authorityUnusable)
      let ca = try #require(refusal { () throws(TLSError) in _ = try TLSContext.client(caPEMFile: file) })
      #expect(ca.code == .authorityUnusable)
      for error in [certificate, key, clientCA, ca] {
        #expect(error.description.contains(file))
        #expect(!error.reasons.isEmpty)
      }
    }
  }

  @Test(arguments: ["", "a\u{0}b"])
  func `a name that no server has is refused before connecting`(name: String) throws {
    let context = try certificates.clientContext()
    let error = try #require(refusal { () throws(TLSError) in _ = try TLSHandler(context: context, peerName: name) })
    #expect(error.code == .invalidRequest)
  }
}

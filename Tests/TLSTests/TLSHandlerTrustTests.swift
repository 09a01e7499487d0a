// Who is let in: names, authorities, client certificates, replaced certificates.

import NIOCore
import NIOEmbedded
import Testing

@testable import TLS

@Suite struct TLSHandlerTrustTests {
  let certificates: TestCertificates
  static let versions: [TLSContext.Versions] = [.only12, .only13]

  init() throws { certificates = try TestCertificates.shared.get() }

  @Test(arguments: versions)
  func `a server certificate for another name is refused`(versions: TLSContext.Versions) throws {
    for name in ["other.example.org", "a.b.example.com", "127.0.0.2", "example.com"] {
      let pair = try ConnectionPair(server: certificates.serverContext(versions: versions), peerName: name)
      try pair.handshake()
      #expect(pair.client.recorder.errorCodes == [.peerNotTrusted], "\(name)")
      #expect(pair.client.recorder.handshakes.isEmpty)
      #expect(pair.server.recorder.errors.count == 1, "the alert reaches the server")
    }
  }

  @Test(arguments: ["localhost", "LOCALHOST", "hostfence.hostfence-system.svc", "any.example.com", "127.0.0.1", "::1"])
  func `a server certificate for the name is accepted`(name: String) throws {
    let pair = try ConnectionPair(peerName: name)
    try pair.handshake()
    #expect(pair.client.recorder.errors.isEmpty)
    #expect(pair.client.recorder.handshakes.count == 1)
  }

  @Test func `a server of another authority is refused`() throws {
    let stranger = certificates.directory.file("stranger/ca.crt")
    let pair = try ConnectionPair(client: certificates.clientContext(ca: stranger))
    try pair.handshake()
    #expect(pair.client.recorder.errorCodes == [.peerNotTrusted])
    #expect(!pair.client.isOpen)
    #expect(!pair.server.isOpen)
  }

  @Test(arguments: versions)
  func `client certificates are required, of the right authority, and for clients`(
    versions: TLSContext.Versions
  ) throws {
    let clientCA = certificates.directory.file("clients/ca.crt")
    let server = try certificates.serverContext(clientCA: clientCA, versions: versions)

    let right = try ConnectionPair(server: server, client: certificates.clientContext(certificateOf: "clients"))
    try right.handshake()
    right.client.write("let me in")
    try right.pump()
    #expect(right.server.recorder.text == "let me in")

    let serverOnly = try TLSContext.client(
      caPEMFile: certificates.ca,
      certificateChainPEMFile: certificates.directory.file("clients/tls.crt"),
      privateKeyPEMFile: certificates.directory.file("clients/tls.key")
    )
    for client in try [
      certificates.clientContext(), certificates.clientContext(certificateOf: "stranger"), serverOnly,
    ] {
      let refused = try ConnectionPair(server: server, client: client)
      try refused.handshake()
      refused.client.write("let me in")
      try refused.pump()
      #expect(refused.server.recorder.errorCodes == [.peerNotTrusted])
      #expect(refused.server.recorder.text.isEmpty)
      #expect(refused.client.recorder.errors.count == 1)
      #expect(!refused.server.isOpen)
    }
  }

  @Test(arguments: versions)
  func `only clients whose certificate carries one of the names are let in`(versions: TLSContext.Versions) throws {
    // The certificate of the tests' client is for CN=apiserver.
    for (names, isLetIn) in [
      (["apiserver"], true), (["other", "apiserver"], true), (["other"], false), (["apiserve?"], false), (["*"], false),
      (["apiserver.example.com"], false),
    ] {
      let server = try TLSContext.server(
        certificateChainPEMFile: certificates.certificate,
        privateKeyPEMFile: certificates.key,
        clientCAPEMFile: certificates.directory.file("clients/ca.crt"),
        clientNames: names,
        versions: versions
      )
      let pair = try ConnectionPair(server: server, client: certificates.clientContext(certificateOf: "clients"))
      try pair.handshake()
      pair.client.write("let me in")
      try pair.pump()
      #expect(pair.server.recorder.text == (isLetIn ? "let me in" : ""), "\(names)")
      #expect(pair.server.recorder.errorCodes == (isLetIn ? [] : [.peerNotTrusted]), "\(names)")
    }
  }

  @Test func `a client certificate that has expired is refused`() throws {
    let folder = certificates.directory.file("clients")
    let old = try TemporaryDirectory()
    try Command.check(
      "openssl x509 -req -in \(folder)/client.csr -CA \(folder)/ca.crt -CAkey \(folder)/ca.key -days -1"
        + " -extfile \(certificates.directory.file("client.cnf")) -out \(old.file("client.crt"))"
    )
    let client = try TLSContext.client(
      caPEMFile: certificates.ca,
      certificateChainPEMFile: old.file("client.crt"),
      privateKeyPEMFile: "\(folder)/client.key"
    )
    let server = try certificates.serverContext(clientCA: "\(folder)/ca.crt")
    let pair = try ConnectionPair(server: server, client: client)
    try pair.handshake()
    pair.client.write("let me in")
    try pair.pump()
    #expect(pair.server.recorder.errorCodes == [.peerNotTrusted])
    #expect(pair.server.recorder.text.isEmpty)
  }
}

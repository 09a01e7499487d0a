// Certificates that are replaced while the server runs.

import Foundation
import TestSupport
import Testing

@testable import TLS

@Suite struct ReloadingTests {
  let certificates: TestCertificates

  init() throws { certificates = try TestCertificates.shared.get() }

  /// A folder with copies of the certificate and key of one of the tests' servers.
  private func folder(_ owner: String) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    try copy(owner, into: folder.path)
    return folder
  }

  private func copy(_ owner: String, _ names: [String] = ["tls.crt", "tls.key"], into path: String) throws {
    for name in names {
      let data = try Data(contentsOf: URL(filePath: certificates.directory.file("\(owner)/\(name)")))
      try data.write(to: URL(filePath: "\(path)/\(name)"))
    }
  }

  private func files(in path: String) -> ServerCertificateFiles {
    ServerCertificateFiles(certificateChain: "\(path)/tls.crt", privateKey: "\(path)/tls.key")
  }

  /// Whose authority the certificate for new connections is of.
  private func owner(_ context: ReloadingTLSContext) throws -> String? {
    for owner in ["server", "stranger"] {
      let client = try certificates.clientContext(ca: certificates.directory.file("\(owner)/ca.crt"))
      let pair = try ConnectionPair(server: context.current, client: client)
      try pair.handshake()
      if pair.client.recorder.errors.isEmpty { return owner }
    }
    return nil
  }

  @Test func `new files serve new connections and leave old ones alone`() throws {
    let folder = try folder("server")
    let context = try ReloadingTLSContext(files(in: folder.path))
    let old = try ConnectionPair(server: context.current)
    try old.handshake()
    #expect(context.reload() == .unchanged)
    try copy("stranger", into: folder.path)
    #expect(context.reload() == .reloaded)
    #expect(context.reload() == .unchanged)
    #expect(try owner(context) == "stranger")
    old.client.write("still here")
    try old.pump()
    #expect(old.server.recorder.text == "still here")
  }

  @Test func `a pair that does not match is refused, and taken once it does`() throws {
    let folder = try folder("server")
    let context = try ReloadingTLSContext(files(in: folder.path))
    try copy("stranger", ["tls.crt"], into: folder.path)
    guard case .failed(let error) = context.reload() else {
      Issue.record("the certificate of one and the key of another were taken")
      return
    }
    #expect(error.code == .keyMismatch)
    #expect(context.failure?.code == .keyMismatch)
    #expect(try owner(context) == "server")
    // It is said once, not with every look.
    #expect(context.reload() == .unchanged)
    try copy("stranger", ["tls.key"], into: folder.path)
    #expect(context.reload() == .reloaded)
    #expect(context.failure == nil)
    #expect(try owner(context) == "stranger")
  }

  @Test(arguments: ["", "garbage", "-----BEGIN CERTIFICATE-----\n"])
  func `files that are none are refused, and the certificate before stays`(text: String) throws {
    let folder = try folder("server")
    let context = try ReloadingTLSContext(files(in: folder.path))
    _ = try folder.write(text, to: "tls.crt")
    guard case .failed = context.reload() else {
      Issue.record("\(text) was taken for a certificate")
      return
    }
    #expect(try owner(context) == "server")
    try FileManager.default.removeItem(atPath: folder.file("tls.crt"))
    guard case .failed = context.reload() else {
      Issue.record("a missing file was taken for a certificate")
      return
    }
    #expect(try owner(context) == "server")
    try copy("server", into: folder.path)
    #expect(context.reload() == .reloaded)
  }

  @Test func `a mounted Secret is taken when the kubelet swaps its link`() throws {
    let mount = try TemporaryDirectory()
    for owner in ["server", "stranger"] {
      try FileManager.default.createDirectory(atPath: mount.file("..\(owner)"), withIntermediateDirectories: false)
      try copy(owner, into: mount.file("..\(owner)"))
    }
    // As the kubelet lays a volume out: tls.crt -> ..data/tls.crt, ..data -> ..<time>, and the latter is renamed over.
    symlink("..server", mount.file("..data"))
    for name in ["tls.crt", "tls.key"] { symlink("..data/\(name)", mount.file(name)) }
    let context = try ReloadingTLSContext(files(in: mount.path))
    #expect(try owner(context) == "server")
    for owner in ["stranger", "server", "stranger"] {
      symlink("..\(owner)", mount.file("..data_tmp"))
      #expect(rename(mount.file("..data_tmp"), mount.file("..data")) == 0)
      #expect(context.reload() == .reloaded)
      #expect(try self.owner(context) == owner)
    }
  }

  @Test func `the lifetime of a certificate is known`() throws {
    let lifetime = try #require(try certificates.serverContext().certificateLifetime)
    let now = Int64(Date().timeIntervalSince1970)
    #expect(lifetime.begin < now)
    #expect((now + 86_000 - 3_600...now + 86_400).contains(lifetime.end))
    #expect(try certificates.clientContext().certificateLifetime == nil)
  }
}

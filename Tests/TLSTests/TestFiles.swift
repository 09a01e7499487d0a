// Files the tests work with: a fresh directory each, and certificates made once per run.

import Foundation
import TestSupport
import Testing

@testable import TLS

/// A directory of the test's own, removed when the last reference is gone.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "hostfence-tls-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    return file(name)
  }
}

/// Certificates for all tests: one server, one client authority with a client certificate, one stranger.
final class TestCertificates: Sendable {
  static let shared = Result { try TestCertificates() }

  let directory: TemporaryDirectory
  let serverNames = ["localhost", "hostfence.hostfence-system.svc", "*.example.com"]

  private init() throws {
    directory = try TemporaryDirectory()
    for name in ["server", "clients", "stranger"] {
      let bundle = try CertificateAuthority.create(dnsNames: serverNames, ipAddresses: ["127.0.0.1", "::1"], days: 1)
      try bundle.write(toDirectory: directory.file(name), overwriting: false)
      try makeClientCertificate(signedBy: name)
    }
  }

  var ca: String { directory.file("server/ca.crt") }
  var certificate: String { directory.file("server/tls.crt") }
  var key: String { directory.file("server/tls.key") }

  /// `client.crt` and `client.key` for clientAuth beside the authority that signs them.
  private func makeClientCertificate(signedBy name: String) throws {
    let folder = directory.file(name)
    _ = try directory.write("extendedKeyUsage=clientAuth\n", to: "client.cnf")
    try Command.check(
      "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=apiserver -keyout \(folder)/client.key"
        + " -out \(folder)/client.csr"
    )
    try Command.check(
      "openssl x509 -req -in \(folder)/client.csr -CA \(folder)/ca.crt -CAkey \(folder)/ca.key -days 1"
        + " -extfile \(directory.file("client.cnf")) -out \(folder)/client.crt"
    )
  }

  func serverContext(
    clientCA: String? = nil,
    versions: TLSContext.Versions = .atLeast12
  ) throws -> TLSContext {
    try TLSContext.server(
      certificateChainPEMFile: certificate,
      privateKeyPEMFile: key,
      clientCAPEMFile: clientCA,
      versions: versions
    )
  }

  func clientContext(
    ca: String? = nil,
    certificateOf owner: String? = nil,
    versions: TLSContext.Versions = .atLeast12
  ) throws -> TLSContext {
    try TLSContext.client(
      caPEMFile: ca ?? self.ca,
      certificateChainPEMFile: owner.map { directory.file("\($0)/client.crt") },
      privateKeyPEMFile: owner.map { directory.file("\($0)/client.key") },
      versions: versions
    )
  }
}

/// Runs a program and waits for it.
enum Command {
  struct Outcome {
    let status: Int32
    /// Standard output, then standard error.
    let text: String
  }

  /// Runs `line`, split at spaces, without a shell, for 20 seconds at most, with `input` as its standard input.
  static func run(_ line: String, input: String = "") throws -> Outcome {
    BrokenPipes.ignore()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "20"] + line.split(separator: " ").map(String.init)
    let entrance = Pipe()
    process.standardInput = entrance
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try? entrance.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try? entrance.fileHandleForWriting.close()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, text: String(decoding: bytes, as: UTF8.self))
  }

  /// Runs `line` and requires success.
  @discardableResult static func check(_ line: String) throws -> String {
    let outcome = try run(line)
    try #require(outcome.status == 0, "\(line)\n\(outcome.text)")
    return outcome.text
  }
}

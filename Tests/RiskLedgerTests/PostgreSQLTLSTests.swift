// Whom the ledger believes to be its database.

import Evaluation
import Foundation
import RiskLedger
import TLS
import TestSupport
import Testing

@Suite struct PostgreSQLTLSTests {
  /// A port of 127.0.0.1 that nobody has at the moment.
  private func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(bound)
    return Int(UInt16(bigEndian: address.sin_port))
  }

  private func certificates(_ directory: TemporaryDirectory, _ name: String, _ addresses: [String]) throws -> String {
    let folder = directory.file(name)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try CertificateAuthority.create(dnsNames: ["db.example.com"], ipAddresses: addresses, days: 2)
      .write(toDirectory: folder, overwriting: false)
    return folder
  }

  @Test(.timeLimit(.minutes(2)))
  func `a ledger over TLS is opened when the certificate is of an authority that is trusted and of the name asked for`()
    throws
  {
    let directory = try TemporaryDirectory()
    let (right, wrongName) = (
      try certificates(directory, "right", ["127.0.0.1"]), try certificates(directory, "name", ["127.0.0.2"])
    )
    let server = try PostgreSQLServer(settings: ["fsync=off", "listen_addresses=127.0.0.1"], port: try freePort())
    _ = try server.query("CREATE DATABASE risk", database: "postgres")
    let place = "postgres://hostfence:secret@127.0.0.1:\(server.port)/risk?sslmode=verify-full&sslrootcert="
    func open(_ authority: String) throws(LedgerError) -> any RiskLedger {
      try LedgerURL("\(place)\(authority)/ca.crt").open(.readWrite)
    }
    func refusal(_ authority: String) -> String {
      let error = #expect(throws: LedgerError.self) { try open(authority) }
      return error?.description ?? ""
    }
    #expect(refusal(right).contains("server does not support SSL"))
    try server.useTLS(right)
    let ledger = try open(right)
    #expect(try ledger.append([.sample("1")]).count == 1)
    #expect(
      try server.query("SELECT count(*) FROM pg_stat_ssl WHERE ssl AND version >= 'TLSv1.2'", database: "risk") == "1"
    )
    let stranger = refusal(wrongName)
    #expect(stranger.contains("certificate verify failed"), "\(stranger)")
    try server.useTLS(wrongName)
    var other = refusal(wrongName)
    // The server reads its new certificate when it gets to it.
    for _ in 0..<100 where !other.contains("does not match") {
      usleep(50_000)
      other = refusal(wrongName)
    }
    #expect(other.contains("does not match host name"), "\(other)")
    #expect(![stranger, other].contains { $0.contains("secret") })
  }
}

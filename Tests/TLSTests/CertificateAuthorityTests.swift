// Certificates as others see them: OpenSSL's own tools and the file system.

import Foundation
import Testing

@testable import TLS

@Suite struct CertificateAuthorityTests {
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  func create(_ dnsNames: [String], _ ipAddresses: [String] = [], days: Int = 30) throws(TLSError) -> CertificateBundle
  {
    try CertificateAuthority.create(dnsNames: dnsNames, ipAddresses: ipAddresses, days: days)
  }

  func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func `openssl verify accepts the chain for the names and for servers only`() throws {
    let out = directory.file("out")
    try create(["hostfence.ns.svc", "*.example.com"], ["10.0.0.1"]).write(toDirectory: out, overwriting: false)
    let verify = "openssl verify -x509_strict -CAfile \(out)/ca.crt"
    try Command.check("\(verify) -purpose sslserver -verify_hostname hostfence.ns.svc \(out)/tls.crt")
    try Command.check("\(verify) -purpose sslserver -verify_hostname a.example.com \(out)/tls.crt")
    try Command.check("\(verify) -purpose sslserver -verify_ip 10.0.0.1 \(out)/tls.crt")
    #expect(try Command.run("\(verify) -verify_hostname other.ns.svc \(out)/tls.crt").status != 0)
    #expect(try Command.run("\(verify) -purpose sslclient \(out)/tls.crt").status != 0)
    let key = try Command.check("openssl pkey -in \(out)/tls.key -pubout")
    #expect(try Command.check("openssl x509 -in \(out)/tls.crt -noout -pubkey") == key)
  }

  @Test func `the authority may sign certificates and nothing else`() throws {
    try create(["a.example"]).write(toDirectory: directory.path, overwriting: false)
    let text = try Command.check("openssl x509 -noout -text -in \(directory.file("ca.crt"))")
    for part in [
      "Version: 3 (0x2)", "ecdsa-with-SHA256", "NIST CURVE: P-256", "CA:TRUE, pathlen:0",
      "X509v3 Basic Constraints: critical",
      "X509v3 Key Usage: critical", "Certificate Sign, CRL Sign", "X509v3 Subject Key Identifier",
      "Subject: O = Hostfence, CN = Hostfence CA", "Issuer: O = Hostfence, CN = Hostfence CA",
    ] { #expect(text.contains(part), "\(part)\n\(text)") }
  }

  @Test func `the serving certificate names what was asked for once each, and only signs handshakes`() throws {
    try create(["A.Example", "a.example", "*.example.com"], ["127.0.0.1", "FD00:0::1"], days: 7)
      .write(toDirectory: directory.path, overwriting: false)
    let text = try Command.check("openssl x509 -noout -text -in \(directory.file("tls.crt"))")
    for part in [
      "Version: 3 (0x2)", "ecdsa-with-SHA256", "NIST CURVE: P-256", "CA:FALSE", "TLS Web Server Authentication",
      "Digital Signature",
      "DNS:a.example, DNS:*.example.com, IP Address:127.0.0.1, IP Address:FD00:0:0:0:0:0:0:1",
      "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier",
    ] { #expect(text.contains(part), "\(part)\n\(text)") }
    #expect(!text.contains("TLS Web Client"))
    try Command.check("openssl x509 -noout -checkend \(7 * 86_400 - 600) -in \(directory.file("tls.crt"))")
    #expect(try Command.run("openssl x509 -noout -checkend \(7 * 86_400) -in \(directory.file("tls.crt"))").status == 1)
  }

  @Test func `every certificate has a serial number of its own`() throws {
    var serials: Set<String> = []
    for index in 0..<10 {
      let out = directory.file("\(index)")
      try create(["a.example"]).write(toDirectory: out, overwriting: false)
      for name in ["ca.crt", "tls.crt"] {
        serials.insert(try Command.check("openssl x509 -noout -serial -in \(out)/\(name)"))
      }
    }
    #expect(serials.count == 20)
    // 128 bits in hexadecimal; a few leading zeros are chance.
    #expect(serials.allSatisfy { $0.count > "serial=".count + 26 })
  }

  @Test(arguments: [
    "", " ", ".", "a..b", "-a.b", "a-.b", "a_b.c", "*", "a.*.b", "a*.b", "*.*.b", "a.b.", "a,DNS:evil", "a\nb", "ä.de",
    "10.0.0.1", "::1", "1.2.3", "999", String(repeating: "a", count: 64) + ".b",
    String(repeating: "abc.", count: 64) + "d",
  ])
  func `a DNS name that is none is refused`(name: String) {
    #expect(throws: TLSError.self) { _ = try CertificateName(dnsName: name) }
  }

  @Test(arguments: ["a", "a.b", "*.b", "x-1.svc", "1a.b2", String(repeating: "a", count: 63) + ".b"])
  func `a DNS name that is one is accepted`(name: String) throws {
    #expect(try CertificateName(dnsName: name) == .dns(name))
  }

  @Test(arguments: [
    "", "1", "1.2.3", "256.1.1.1", "1.2.3.4/8", "[::1]", "fe80::1%eth0", "localhost", "::1,DNS:evil", " ::1",
  ])
  func `an address that is none is refused`(address: String) {
    #expect(throws: TLSError.self) { _ = try CertificateName(ipAddress: address) }
  }

  @Test(arguments: [Int.min, -1, 0, 3_651, Int.max])
  func `a lifetime out of bounds is refused`(days: Int) {
    #expect(throws: TLSError.self) { _ = try create(["a.example"], days: days) }
  }

  @Test(arguments: [1, 3_650])
  func `the shortest and the longest lifetime verify`(days: Int) throws {
    try create(["a.example"], days: days).write(toDirectory: directory.path, overwriting: false)
    try Command.check("openssl verify -CAfile \(directory.file("ca.crt")) \(directory.file("tls.crt"))")
  }

  @Test func `no name at all and too many names are refused`() {
    #expect(throws: TLSError.self) { _ = try create([]) }
    #expect(throws: TLSError.self) { _ = try create((0...TLSLimits.alternativeNamesMax).map { "a\($0).b" }) }
  }

  @Test func `keys are for their owner only and certificates for all`() throws {
    let out = directory.file("new")
    try create(["a.example"]).write(toDirectory: out, overwriting: false)
    #expect(try mode(out) == 0o755)
    #expect(try mode("\(out)/ca.key") == 0o600)
    #expect(try mode("\(out)/tls.key") == 0o600)
    #expect(try mode("\(out)/ca.crt") == 0o644)
    #expect(try mode("\(out)/tls.crt") == 0o644)
  }

  @Test(arguments: ["ca.crt", "ca.key", "tls.crt", "tls.key"], [true, false])
  func `nothing is written while one of the files is there`(name: String, isDanglingLink: Bool) throws {
    if isDanglingLink {
      try FileManager.default.createSymbolicLink(
        atPath: directory.file(name),
        withDestinationPath: directory.file("elsewhere")
      )
    } else {
      _ = try directory.write("mine", to: name)
    }
    let bundle = try create(["a.example"])
    let error = #expect(throws: TLSError.self) { try bundle.write(toDirectory: directory.path, overwriting: false) }
    #expect(error?.code == .fileExists)
    #expect(error?.message.contains(directory.file(name)) == true)
    #expect(error?.message.contains("--force") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [name])
  }

  @Test func `overwriting replaces all four, links included, and tightens the keys`() throws {
    let victim = try directory.write("victim", to: "victim")
    try FileManager.default.createSymbolicLink(atPath: directory.file("tls.key"), withDestinationPath: victim)
    _ = try directory.write("old", to: "ca.key")
    let bundle = try create(["a.example"])
    try bundle.write(toDirectory: directory.path, overwriting: true)
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "victim")
    #expect(try mode(directory.file("ca.key")) == 0o600)
    #expect(try mode(directory.file("tls.key")) == 0o600)
    #expect(try Data(contentsOf: URL(filePath: directory.file("tls.key"))) == Data(bundle.key))
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    #expect(names == ["ca.crt", "ca.key", "tls.crt", "tls.key", "victim"])
  }

  @Test func `a replacement that cannot be whole changes nothing`() throws {
    // A directory cannot be replaced by a file, which would fail the third of the four renames.
    try FileManager.default.createDirectory(atPath: directory.file("tls.crt"), withIntermediateDirectories: false)
    let bundle = try create(["a.example"])
    let error = #expect(throws: TLSError.self) { try bundle.write(toDirectory: directory.path, overwriting: true) }
    #expect(error?.code == .fileSystem)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    #expect(names == ["tls.crt"])
  }

  @Test func `a directory that cannot be made is named with the reason`() throws {
    let file = try directory.write("", to: "file")
    let bundle = try create(["a.example"])
    for path in [file, directory.file("missing/below"), "\(file)/below"] {
      let error = #expect(throws: TLSError.self) { try bundle.write(toDirectory: path, overwriting: false) }
      #expect(error?.code == .fileSystem)
      #expect(error?.message.contains(path) == true)
    }
  }
}

// The values of --ledger.

import Foundation
import RiskLedger
import TestSupport
import Testing

@Suite struct LedgerURLTests {
  @Test(arguments: [
    ("sqlite:/var/lib/hostfence/ledger.db", "/var/lib/hostfence/ledger.db"), ("sqlite:ledger.db", "ledger.db"),
    ("SQLite:a:b", "a:b"), ("sqlite:///tmp/x", "///tmp/x"), ("sqlite::memory:", ":memory:"),
  ])
  func `what follows the scheme is a path as it stands`(text: String, path: String) throws {
    #expect(try LedgerURL(text) == .sqlite(path: path))
  }

  @Test func `none is no ledger`() throws {
    #expect(try LedgerURL("none") == .none)
  }

  @Test(arguments: [
    ("postgres://bob:secret@db/risk", "postgres://db/risk"),
    ("PostgreSQL://bob:s%40cret@db.example.com:5433/risk?sslrootcert=/secret", "postgres://db.example.com:5433/risk"),
    ("postgres:///risk?password=secret", "postgres:///risk"),
    ("postgres://a:secret@b:secret@host/risk", "postgres://host/risk"),
  ])
  func `of a database its place is told, and no secret`(text: String, description: String) throws {
    #expect(try LedgerURL(text).description == description)
  }

  @Test(arguments: ["postgres:secret", "postgresql:", "postgres:/secret", "postgres://a\u{0}secret"])
  func `a malformed address is refused without repeating it`(text: String) {
    let error = #expect(throws: LedgerError.self) { try LedgerURL(text) }
    #expect(error?.description.contains("secret") == false)
    #expect(error?.description.contains("postgres://USER@HOST/DATABASE") == true)
  }

  @Test(arguments: [
    "", "ledger.db", "sqlite", "sqlite:", "none:", "None", "mysql:x", "/var/lib/ledger.db", "sqlite:a\u{0}b",
  ])
  func `anything else is an error that shows the forms`(text: String) {
    let error = #expect(throws: LedgerError.malformedURL(text)) { try LedgerURL(text) }
    #expect(error?.description.contains("sqlite:PATH") == true)
    #expect(error?.description.contains("none") == true)
  }

  @Test(arguments: ["none", "sqlite:/a b/ledger.db"])
  func `a URL reads back from its description`(text: String) throws {
    #expect(try LedgerURL(text).description == text)
  }

  @Test func `a ledger called :memory: is a file`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file(":memory:")
    let ledger = try LedgerURL("sqlite:\(path)").open(.readWrite)
    _ = try ledger.append([.sample("1")])
    #expect(try LedgerURL("sqlite:\(path)").open(.readOnly).events(matching: RiskEventQuery()).count == 1)
    #expect(FileManager.default.fileExists(atPath: directory.file(":memory:")))
  }
}

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

  @Test(arguments: [
    ("postgres://u:sec?ret@db/risk", "postgres://db/risk"), ("postgres://u:sec?ret@db", "postgres://db"),
    ("postgres://u:sec#ret@db:5433?sslmode=disable", "postgres://db:5433"),
    ("postgres://u:secret@[::1]:5432/risk", "postgres://[::1]:5432/risk"),
    ("postgres://u:secret@a:1,b:2,c/risk?target_session_attrs=any", "postgres://a:1,b:2,c/risk"),
    ("postgres:///risk?host=db&user=a@b&password=secret", "postgres:///risk"),
    ("postgres://u:secret@%2Frun%2Fpostgresql/risk", "postgres://%2Frun%2Fpostgresql/risk"),
    ("postgres://u:secret", "postgres://…"), ("postgres://u:secret/risk", "postgres://…"),
    ("postgres://u:secret/x@db/risk", "postgres://…"), ("postgres://u:12/secret@db/risk", "postgres://…"),
    ("postgres://u:12/secret?x@db/risk", "postgres://…"), ("postgres://u:12/a?b=secret@db/risk", "postgres://…"),
    ("postgres://db?password=x@secret", "postgres://…"), ("postgres://db/risk&password=secret", "postgres://…"),
    ("postgres://db/risk?sslmode=require?password=secret", "postgres://…"),
    ("postgres://u:secret@db:secret/risk", "postgres://…"), ("postgres://db/postgres://u:secret@db", "postgres://…"),
  ])
  func `what may be a part of a password is not taken for a place`(text: String, description: String) throws {
    #expect(try LedgerURL(text).description == description)
    guard description.contains("…") else { return }
    // Errors of libpq would show it.
    #expect(throws: LedgerError.malformedAddress) { try LedgerURL(text).open(.readOnly) }
  }

  @Test(arguments: [
    "postgre://u:secret@h/db", "jdbc:postgresql://u:secret@h/db", " postgres://u:secret@h/db",
    "\"postgres://u:secret@h\"",
    "'postgresql://u:secret@h'", "mysql://u:secret@h", "postgresql+asyncpg://u:secret@h/db", "u:secret@h", "secret@h",
    "//u:secret@h", "host=h password=secret", "postgre:secret", "pg:u:secret", "url=postgres:secret",
    "?password=secret",
  ])
  func `a spelling that is not known is refused without repeating what may be a password`(text: String) {
    let error = #expect(throws: LedgerError.self) { try LedgerURL(text) }
    #expect(error?.description.contains("secret") == false)
    #expect(error?.description.contains("postgres://USER@HOST/DATABASE") == true)
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

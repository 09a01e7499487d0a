// What is particular to the ledger in a file: whose file it is, versions, modes.

import CSQLite
import Evaluation
import Foundation
import JSONDocument
import TestSupport
import Testing

@testable import RiskLedger

@Suite struct SQLiteLedgerTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.ledger }

  init() throws { directory = try TemporaryDirectory() }

  /// Runs SQL in a file that is made if need be, as another program would.
  private func run(_ sql: String) throws {
    if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
    try SQLiteConnection(path: path, access: .readWrite).execute(sql)
  }

  private func events() throws -> [RecordedRiskEvent] {
    try SQLiteLedger(path: path, access: .readOnly).events(matching: RiskEventQuery())
  }

  @Test func `a new file and its log can be read by the owner only`() throws {
    let ledger = try SQLiteLedger(path: path, access: .readWrite)
    _ = try ledger.append([.sample("1")])
    for name in [path, path + "-wal", path + "-shm"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: name)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
    }
  }

  @Test func `a file that others are just making a ledger is never taken for somebody else's`() async throws {
    for round in 0..<60 {
      let path = directory.file("round-\(round)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask { _ = try SQLiteLedger(path: path, access: .readWrite) }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func `commits go to the disk before they return`() throws {
    let ledger = try SQLiteLedger(path: path, access: .readWrite)
    #expect(try ledger.connection.text("PRAGMA journal_mode") == "wal")
    #expect(try ledger.connection.integer("PRAGMA synchronous") == 2)
    #expect(try ledger.connection.integer("PRAGMA foreign_keys") == 1)
    #expect(try ledger.connection.integer("PRAGMA application_id") == SQLiteMigrations.applicationID)
    #expect(try ledger.connection.integer("PRAGMA busy_timeout") == Int64(LedgerLimits.lockWaitMilliseconds))
  }

  @Test func `a missing directory is told of as such`() {
    let path = directory.file("missing/ledger.db")
    #expect(throws: LedgerError.missingDirectory(path: path)) { try SQLiteLedger(path: path, access: .readWrite) }
  }

  @Test func `a missing file is not made by reading`() {
    #expect { try SQLiteLedger(path: path, access: .readOnly) } throws: { problem($0) == .cannotOpen }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test(arguments: [
    "CREATE TABLE accounts (id INTEGER)", "PRAGMA user_version = 7", "PRAGMA application_id = 17; CREATE TABLE t (x)",
  ])
  func `a database of something else is refused and left as it was`(sql: String) throws {
    try run(sql)
    let before = try Data(contentsOf: URL(filePath: path))
    for access in [LedgerURL.Access.readWrite, .readOnly] {
      #expect(throws: LedgerError.foreignDatabase(path: path)) { try SQLiteLedger(path: path, access: access) }
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["ledger.db"])
  }

  @Test func `a file that is no database is refused and left as it was`() throws {
    let text = Data(String(repeating: "this is a letter, not a database\n", count: 200).utf8)
    try text.write(to: URL(filePath: path))
    #expect { try SQLiteLedger(path: path, access: .readWrite) } throws: { problem($0) == .notADatabase }
    #expect(try Data(contentsOf: URL(filePath: path)) == text)
  }

  @Test func `a directory is no ledger`() throws {
    #expect { try SQLiteLedger(path: directory.path, access: .readWrite) } throws: { problem($0) == .cannotOpen }
  }

  @Test func `an empty file becomes a ledger`() throws {
    try Data().write(to: URL(filePath: path))
    _ = try SQLiteLedger(path: path, access: .readWrite).append([.sample("1")])
    #expect(try events().count == 1)
  }

  @Test func `a newer version is refused with both numbers`() throws {
    _ = try SQLiteLedger(path: path, access: .readWrite)
    let newer = SQLiteMigrations.all.count + 1
    try run("PRAGMA user_version = \(newer)")
    for access in [LedgerURL.Access.readWrite, .readOnly] {
      let error = #expect(throws: LedgerError.self) { try SQLiteLedger(path: path, access: access) }
      #expect(error == .newerVersion(store: path, found: newer, supported: newer - 1))
    }
  }

  @Test func `no migration is edited once it has a fixture`() throws {
    for (index, migration) in SQLiteMigrations.all.enumerated() {
      #expect(try Fixtures.text("ledger/sqlite-version-\(index + 1).sql") == migration + "\n")
    }
  }

  @Test(arguments: 0...SQLiteMigrations.all.count)
  func `a ledger of every old version is upgraded and keeps its events`(version: Int) throws {
    // One more than there is, so that the last version is an old one as well.
    let migrations = SQLiteMigrations.all + ["CREATE TABLE later (id TEXT NOT NULL PRIMARY KEY) STRICT"]
    var expected: [RecordedRiskEvent] = []
    if version > 0 {
      let old = Array(migrations[..<version])
      expected = [RecordedRiskEvent(event: try .sample("1"), counted: true)]
      try insertAsVersion1(
        expected[0].event,
        into: SQLiteLedgerOpening(path: path, access: .readWrite, migrations: old).open()
      )
      let error = #expect(throws: LedgerError.self) {
        try SQLiteLedger(path: path, access: .readOnly, migrations: migrations)
      }
      #expect(error == .olderVersion(store: path, found: version, supported: migrations.count))
    }
    let ledger = try SQLiteLedger(path: path, access: .readWrite, migrations: migrations)
    #expect(try ledger.connection.integer("PRAGMA user_version") == Int64(migrations.count))
    #expect(try ledger.connection.integer("SELECT count(*) FROM later") == 0)
    #expect(try ledger.events(matching: RiskEventQuery()) == expected)
  }

  /// Writes the columns that the first version had, which all later ones still have.
  private func insertAsVersion1(_ event: RiskEvent, into connection: SQLiteConnection) throws {
    var json = JSONWriter()
    event.write(to: &json)
    let columns = """
      id, time_us, risk_object, risk_object_type, risk_score, decision, introduced, counted, namespace, kind, name,
      object_uid, object_key, pointer, request_uid, event
      """
    let values: [SQLValue] = [
      .text(event.id), .integer(event.time.microseconds), .text(event.riskObject), .text("user"), .integer(49),
      .text("warn"), .integer(1), .integer(1), .text(event.namespace), .text("Deployment"), .text(event.name),
      .text(event.objectUID), .text(CountingRule.objectKey(event)), .text(event.attachment.pointer),
      .text(event.requestUID), .utf8(json.bytes),
    ]
    let isNew = try connection.integer("SELECT count(*) FROM pragma_table_info('risk_event') WHERE name = 'requester'")
    let placeholders = values.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    try connection.run(
      isNew == 0
        ? "INSERT INTO risk_event (\(columns)) VALUES (\(placeholders))"
        : "INSERT INTO risk_event (requester, \(columns)) VALUES ($3, \(placeholders))",
      [values]
    ) { _, _ in }
  }

  @Test func `a failed upgrade leaves the version it found`() throws {
    _ = try SQLiteLedger(path: path, access: .readWrite).append([.sample("1")])
    let broken = SQLiteMigrations.all + ["CREATE TABLE half (id TEXT); CREATE TABLE risk_event (id TEXT)"]
    #expect(throws: LedgerError.self) { try SQLiteLedger(path: path, access: .readWrite, migrations: broken) }
    #expect(try events().count == 1)
    try run("CREATE TABLE half (id TEXT)")
  }

  @Test func `ledgers that are made at the same time agree`() async throws {
    let path = path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<8 {
        group.addTask { _ = try SQLiteLedger(path: path, access: .readWrite).append([.sample("\(index)")]) }
      }
      try await group.waitForAll()
    }
    #expect(try events().count == 8)
  }

  @Test func `a reader sees what a writer has committed, and neither waits`() throws {
    let writer = try SQLiteLedger(path: path, access: .readWrite)
    let reader = try SQLiteLedger(path: path, access: .readOnly)
    _ = try writer.append([.sample("1")])
    var seen = 0
    try reader.forEachEvent(matching: RiskEventQuery()) { _ in
      seen += 1
      // Written while the reader reads, and not part of its snapshot.
      _ = try? writer.append([.sample("during", at: 1)])
      return true
    }
    #expect(seen == 1)
    #expect(try reader.events(matching: RiskEventQuery()).map(\.event.id) == ["1", "during"])
  }

  @Test func `a ledger opened for reading cannot be written`() throws {
    _ = try SQLiteLedger(path: path, access: .readWrite)
    let reader = try SQLiteLedger(path: path, access: .readOnly)
    #expect { try reader.append([.sample("1")]) } throws: { problem($0) == .readOnly }
  }

  @Test func `an event that was tampered with is named`() throws {
    _ = try SQLiteLedger(path: path, access: .readWrite).append([.sample("1"), .sample("2", at: 1)])
    try run("UPDATE risk_event SET event = '{}' WHERE id = '2'")
    #expect(throws: LedgerError.unreadableEvent(id: "2", store: path)) { try events() }
  }

  @Test func `an error names the statement and never a value`() throws {
    let ledger = try SQLiteLedger(path: path, access: .readWrite)
    try ledger.connection.execute("DROP TABLE risk_event; CREATE TABLE risk_event (sequence INTEGER, id TEXT)")
    let error = #expect(throws: LedgerError.self) { try ledger.append([.sample("id-of-the-event", by: "secret-user")]) }
    let text = try #require(error).description
    #expect(text.contains("INSERT INTO risk_event"))
    #expect(!text.contains("secret-user") && !text.contains("id-of-the-event"))
  }

  @Test func `the counting lookup and time ranges use their indexes`() throws {
    let connection = try SQLiteLedger(path: path, access: .readWrite).connection
    func plan(_ sql: String) throws -> String {
      let statement = try connection.prepare("EXPLAIN QUERY PLAN \(sql)")
      var plan = ""
      while try statement.step() { plan += (statement.text(at: 3) ?? "") + "\n" }
      return plan
    }
    let lookup = """
      SELECT 1 FROM risk_event WHERE risk_object = ? AND object_key = ? AND pointer = ? AND counted = 1 AND time_us > ?
      AND time_us < ?
      """
    #expect(try plan(lookup).contains("risk_event_counted (risk_object=? AND object_key=? AND pointer=? AND time_us>?"))
    let range = "SELECT id, counted, event FROM risk_event WHERE time_us >= ? ORDER BY time_us, id"
    #expect(try plan(range).contains("risk_event_time (time_us>?"))
    #expect(try !plan(range).contains("TEMP B-TREE"))
    let user = "SELECT id FROM risk_event WHERE risk_object = ? AND time_us >= ? ORDER BY time_us, id"
    #expect(try plan(user).contains("risk_event_object_time (risk_object=? AND time_us>?"))
    #expect(try !plan(user).contains("TEMP B-TREE"))
  }
}

/// What kind of storage problem an error is, if it is one.
func problem(_ error: any Error) -> StorageProblem? {
  guard case LedgerError.storage(let problem, _) = error else { return nil }
  return problem
}

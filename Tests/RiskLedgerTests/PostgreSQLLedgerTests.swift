// What is particular to the ledger in PostgreSQL: servers that die, stop or refuse, versions, addresses.

import Evaluation
import Foundation
import TestSupport
import Testing

@testable import RiskLedger

@Suite struct PostgreSQLLedgerTests {
  private func address(_ url: String) -> PostgreSQLAddress { PostgreSQLAddress(url: url) }

  @Test func `no migration is edited once it has a fixture`() throws {
    for (index, migration) in PostgreSQLMigrations.all.enumerated() {
      #expect(try Fixtures.text("ledger/postgresql-version-\(index + 1).sql") == migration + "\n")
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `a server that is killed loses nothing that was kept, and is used again when it is back`() throws {
    let server = try PostgreSQLServer()
    let url = try LedgerURL(try server.makeDatabase())
    let outcomes = Outcomes<Result<Void, LedgerError>>()
    let writer = try LedgerWriter(url) { _ in }
    func submit(_ id: String, at microseconds: Int64 = 0) throws {
      writer.submit([try .sample(id, at: microseconds)]) { outcomes.append($0) }
    }
    for number in 0..<5 { try submit("before-\(number)", at: Int64(number)) }
    #expect(outcomes.waiting(for: 5).allSatisfy { (try? $0.get()) != nil })
    try server.kill()
    try submit("meanwhile")
    #expect { try outcomes.waiting(for: 6)[5].get() } throws: { problem($0) == .unreachable }
    #expect(!writer.isHealthy)
    try server.start()
    // It is tried by itself, as nobody may submit any more while it is not healthy.
    for _ in 0..<100 where !writer.isHealthy { usleep(100_000) }
    #expect(writer.isHealthy)
    try submit("after")
    try outcomes.waiting(for: 7)[6].get()
    writer.close()
    let ids = try url.open(.readOnly).events(matching: RiskEventQuery()).map(\.event.id)
    #expect(Set(ids) == Set((0..<5).map { "before-\($0)" } + ["after"]))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a server that says nothing any more is given up`() throws {
    let server = try PostgreSQLServer(settings: ["fsync=off"])
    let ledger = try LedgerURL(try server.makeDatabase()).open(.readWrite)
    _ = try ledger.append([.sample("1")])
    try server.signal("STOP")
    defer { try? server.signal("CONT") }
    let start = ContinuousClock.now
    #expect { try ledger.append([.sample("2")]) } throws: { problem($0) == .unreachable }
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func `whoever waits for another writer does so for a bounded time`() throws {
    let url = try PostgreSQLServer.shared.get().makeDatabase()
    let ledger = try PostgreSQLLedger(address(url), access: .readWrite)
    let other = try PostgreSQLConnection(address(url), access: .readWrite)
    try other.execute("BEGIN; SELECT version FROM hostfence_ledger WHERE one = 1 FOR UPDATE")
    #expect { try ledger.append([.sample("1")]) } throws: { problem($0) == .locked }
    try other.execute("ROLLBACK")
    #expect(try ledger.append([.sample("1")]).count == 1)
  }

  @Test(.timeLimit(.minutes(2)))
  func `a writer that says nothing in the middle of a transaction loses the lock to the others`() throws {
    let url = try PostgreSQLServer.shared.get().makeDatabase()
    let ledger = try PostgreSQLLedger(address(url), access: .readWrite)
    let silent = try PostgreSQLConnection(address(url), access: .readWrite)
    try silent.execute("BEGIN; SELECT version FROM hostfence_ledger WHERE one = 1 FOR UPDATE")
    var recorded: [RecordedRiskEvent]?
    // Each attempt waits for the lock itself.
    for _ in 0..<60 where recorded == nil { recorded = try? ledger.append([.sample("1")]) }
    #expect(recorded?.count == 1)
    let error = #expect(throws: LedgerError.self) { try silent.execute("COMMIT") }
    #expect(error.flatMap { problem($0) } == .unreachable)
    #expect(error?.needsReopening == true)
  }

  @Test func `what takes long before the first statement is done without the lock`() throws {
    let url = try PostgreSQLServer.shared.get().makeDatabase()
    let ledger = try PostgreSQLLedger(address(url), access: .readWrite)
    let other = try PostgreSQLConnection(address(url), access: .readWrite)
    try other.execute("BEGIN; SELECT version FROM hostfence_ledger WHERE one = 1 FOR UPDATE")
    var bad = try RiskEvent.sample("bad")
    bad.time = Timestamp(microseconds: .min)
    // Found while the statements are made; waiting for the lock would end with another error.
    #expect { try ledger.append([bad]) } throws: {
      if case LedgerError.unrecordableEvent = $0 { true } else { false }
    }
    try other.execute("ROLLBACK")
  }

  @Test func `a parameter that the database does not have, or does not let be set, is done without`() throws {
    let connection = try PostgreSQLConnection(
      address(try PostgreSQLServer.shared.get().makeDatabase()),
      access: .readWrite
    )
    for parameter in ["no_such_parameter", "max_connections"] {
      #expect { try connection.execute("SET \(parameter) = 5") } throws: { problem($0) != nil }
      try connection.setIfKnown(parameter, 5)
    }
    #expect { try connection.setIfKnown("port 5; SELECT", 5) } throws: { problem($0) == .other }
    try connection.setIfKnown("work_mem", 4_321)
    var value: String?
    try connection.run("SELECT current_setting('work_mem')", [[]]) { _, row in value = row.text(at: 0) }
    #expect(value == "4321kB")
  }

  @Test func `a lock that another holds for longer than one wait costs no event`() throws {
    let server = try PostgreSQLServer.shared.get()
    let url = try server.makeDatabase()
    let ledger = try LedgerURL(url)
    let holder = try PostgreSQLLedger(address(url), access: .readWrite).connection
    try holder.execute("BEGIN; SELECT version FROM hostfence_ledger WHERE one = 1 FOR UPDATE")
    let outcomes = Outcomes<Result<Int, any Error>>()
    let event = try RiskEvent.sample("1")
    Thread.detachNewThread {
      outcomes.append(Result { try ledger.open(.readWrite).append([event]).count })
    }
    let name = url.split(separator: "/").last ?? ""
    let waiting = "SELECT xact_start FROM pg_stat_activity WHERE datname = '\(name)' AND wait_event_type = 'Lock'"
    var waits: Set<String> = []
    waitUntil {
      if let start = try? server.query(waiting, database: "postgres"), !start.isEmpty { waits.insert(start) }
      return waits.count > 1
    }
    try holder.execute("ROLLBACK")
    #expect(waits.count == 2)
    #expect(try outcomes.waiting(for: 1).map { try $0.get() } == [1])
  }

  @Test(arguments: ["repeatable read", "serializable"])
  func `whoever waited for a writer sees what it wrote, whatever isolation is usual`(isolation: String) throws {
    let server = try PostgreSQLServer.shared.get()
    let url = try server.makeDatabase()
    let first = try PostgreSQLLedger(address(url), access: .readWrite)
    let name = url.split(separator: "/").last ?? ""
    _ = try server.query(
      "ALTER DATABASE \(name) SET default_transaction_isolation = '\(isolation)'",
      database: "postgres"
    )
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '\(name)' AND wait_event_type = 'Lock'"
    let outcomes = Outcomes<Result<[Bool], any Error>>()
    let event = try RiskEvent.sample("second", at: 1)
    let other = address(url)
    let counted = try first.connection.transaction { () throws(LedgerError) -> [Bool] in
      Thread.detachNewThread {
        outcomes.append(Result { try PostgreSQLLedger(other, access: .readWrite).append([event]).map(\.counted) })
      }
      waitUntil { (try? server.query(waiting, database: "postgres")) == "1" }
      guard let event = try? RiskEvent.sample("first") else { return [] }
      return try first.table.append([event], try first.table.insertions(of: [event])).map(\.counted)
    }
    #expect(counted == [true])
    #expect(try outcomes.waiting(for: 1).map { try $0.get() } == [[false]], "the same attachment counts once")
  }

  /// As YugabyteDB does by default: a connection takes a hundred numbers at once.
  @Test func `where each connection has numbers of its own, no event is recorded in front of one that is there`() throws
  {
    let server = try PostgreSQLServer.shared.get()
    let url = try server.makeDatabase()
    let open = { [address] () throws(LedgerError) -> any RiskLedger in
      try PostgreSQLLedger(address(url), access: .readWrite)
    }
    _ = try open()
    let database = String(url.split(separator: "/").last ?? "")
    _ = try server.query("ALTER SEQUENCE risk_event_sequence_seq CACHE 100", database: database)
    let (first, other) = (try open(), try open())
    _ = try first.append([.sample("1")])
    _ = try other.append([.sample("2", at: 1)])
    let store = address(url).description
    #expect(throws: LedgerError.outOfOrder(store: store)) { try first.append([.sample("3", at: 2)]) }
    // A new connection has new numbers.
    var kept = KeptLedger(first, open: open)
    for number in Int64(3)..<6 {
      let event = try RiskEvent.sample("\(number)", at: number)
      #expect(try kept.use { ledger throws(LedgerError) in try ledger.append([event]) }.count == 1)
      _ = try? other.append([.sample("other-\(number)", at: number)])
    }
    let outbox = try #require(try LedgerURL(url).openOutbox())
    let ids = try outbox.outgoing(after: 0, limit: 99).map(\.recorded.event.id)
    #expect(ids == ["1", "2", "3", "4", "5"])
  }

  @Test func `a database without a ledger is told from an empty one`() throws {
    let url = try PostgreSQLServer.shared.get().makeDatabase()
    let error = #expect(throws: LedgerError.self) { try PostgreSQLLedger(address(url), access: .readOnly) }
    #expect(error == .missingTables(store: address(url).description))
    _ = try PostgreSQLLedger(address(url), access: .readWrite)
    #expect(try PostgreSQLLedger(address(url), access: .readOnly).events(matching: RiskEventQuery()).isEmpty)
  }

  @Test func `a newer version is refused, and a reader may not write`() throws {
    let url = try PostgreSQLServer.shared.get().makeDatabase()
    _ = try PostgreSQLLedger(address(url), access: .readWrite)
    let reader = try PostgreSQLLedger(address(url), access: .readOnly)
    #expect { try reader.append([.sample("1")]) } throws: { problem($0) == .readOnly }
    let newer = PostgreSQLMigrations.all + ["CREATE TABLE later (id INTEGER)"]
    #expect(throws: LedgerError.olderVersion(store: address(url).description, found: 1, supported: 2)) {
      try PostgreSQLLedger(address(url), access: .readOnly, migrations: newer)
    }
    _ = try PostgreSQLLedger(address(url), access: .readWrite, migrations: newer)
    #expect(throws: LedgerError.newerVersion(store: address(url).description, found: 2, supported: 1)) {
      try PostgreSQLLedger(address(url), access: .readWrite)
    }
  }

  @Test func `ledgers that are made at the same time agree`() async throws {
    let url = try LedgerURL(try PostgreSQLServer.shared.get().makeDatabase())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<6 { group.addTask { _ = try url.open(.readWrite).append([.sample("\(index)")]) } }
      try await group.waitForAll()
    }
    #expect(try url.open(.readOnly).events(matching: RiskEventQuery()).count == 6)
  }

  @Test(arguments: [
    ("postgres://hostfence:secret@127.0.0.1:1/risk", StorageProblem.unreachable),
    ("postgres://hostfence:secret@%2Fnowhere/risk", .unreachable),
  ])
  func `what goes wrong is told without the password`(url: String, expected: StorageProblem) throws {
    let error = #expect(throws: LedgerError.self) { try LedgerURL(url).open(.readWrite) }
    #expect(try problem(#require(error)) == expected)
    #expect(error?.description.contains("secret") == false)
  }

  @Test func `an unknown database and a parameter that does not exist are told`() throws {
    let server = try PostgreSQLServer.shared.get()
    #expect { try LedgerURL(server.url("nowhere")).open(.readWrite) } throws: { problem($0) != nil }
    let odd = #expect(throws: LedgerError.self) {
      try LedgerURL("postgres://secret@host/risk?colour=secret").open(.readWrite)
    }
    #expect(odd?.description.contains("secret") == false)
  }

  @Test(arguments: [
    ("postgres://db.example.com/risk", "verify-full"), ("postgres://10.0.0.7/risk", "verify-full"),
    ("postgres://db.example.com/risk?sslmode=require", "require"), ("postgres://localhost/risk", nil),
    ("postgres://127.0.0.1/risk", nil), ("postgres://%2Frun%2Fpostgresql/risk", nil), ("postgres:///risk", nil),
    ("postgres://localhost.example.com/risk", "verify-full"), ("postgres:///risk?host=db.example.com", "verify-full"),
    ("postgres:///risk?host=127.0.0.1,db.example.com", "verify-full"),
    ("postgres:///risk?host=/run/postgresql,db.example.com", "verify-full"),
    ("postgres://127.example.com/risk", "verify-full"), ("postgres:///risk?service=risk", "verify-full"),
    ("postgres:///risk?host=127.0.0.1,/run/postgresql", nil),
  ])
  func `over a network the server's certificate is verified unless the address says otherwise`(
    url: String,
    mode: String?
  ) throws {
    _ = try PostgreSQLServer.shared.get()
    try PostgreSQLLibrary.load()
    let parameters = try address(url).parameters(.readWrite)
    #expect(parameters.first { $0.name == "sslmode" }?.value == mode)
    #expect(parameters.contains { $0.name == "connect_timeout" })
    #expect(parameters.contains { $0.name == "keepalives_idle" })
  }

  @Test func `text of any characters and any length is kept`() throws {
    for text in ["", "\\", "\\0", "\u{0}", "a\u{0}\\b\\\\", "é\u{1F600}", String(repeating: "\\\u{0}", count: 300)] {
      #expect(PostgreSQLText.decode(Array(PostgreSQLText.encode(text).dropLast())) == text)
      #expect(!PostgreSQLText.encode(text).dropLast().contains(0))
    }
  }

  @Test func `a report may take longer than a statement of a writer, as its reader does`() throws {
    let url = try LedgerURL(try PostgreSQLServer.shared.get().makeDatabase())
    // More than the socket's buffers hold.
    let events = try (0..<20_000).map { try RiskEvent.sample("\($0)", at: $0, introduced: false) }
    for start in stride(from: 0, to: events.count, by: 1_000) {
      _ = try url.open(.readWrite).append(Array(events[start..<start + 1_000]))
    }
    var count = 0
    try url.open(.readOnly).forEachEvent(matching: RiskEventQuery()) { _ in
      if count == 0 { Thread.sleep(forTimeInterval: 7) }
      count += 1
      return true
    }
    #expect(count == events.count)
  }

  @Test func `the lookups of an insertion use their indexes`() throws {
    let url = try PostgreSQLServer.shared.get().makeDatabase()
    let ledger = try PostgreSQLLedger(address(url), access: .readWrite)
    _ = try ledger.append(try (0..<2_000).map { try .sample("\($0)", at: $0, by: "user-\($0 % 90)", uid: "u\($0)") })
    let connection = try PostgreSQLConnection(address(url), access: .readWrite)
    try connection.execute("ANALYZE risk_event")
    func plan(_ sql: String) throws -> String {
      var plan = ""
      try connection.run("EXPLAIN \(sql)", [[]]) { _, row in plan += (row.text(at: 0) ?? "") + "\n" }
      return plan
    }
    let counted = """
      SELECT 1 FROM risk_event WHERE risk_object = 'user-1' AND object_key = 'uid:u1' AND pointer = '/spec/hostNetwork'
      AND counted = 1 AND time_us > 1 AND time_us < 1795435200000005
      """
    #expect(try plan(counted).contains("risk_event_counted"))
    let parent = """
      SELECT id FROM risk_event WHERE introduced = 1 AND object_key IN ('uid:u1', 'name:') AND time_us <= 1795435200000005
      ORDER BY time_us DESC, id DESC LIMIT 1
      """
    #expect(try plan(parent).contains("risk_event_introduced"))
    #expect(
      try plan("SELECT id FROM risk_event WHERE owner_key = 'x' OR owner_name_key = 'x'").contains("risk_event_owner")
    )
  }
}

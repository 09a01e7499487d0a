// When a writer prunes, what a step costs, and what becomes of its errors.

import Evaluation
import Foundation
import TestSupport
import Testing

@testable import RiskLedger

@Suite struct LedgerPruningTests {
  private let week = LedgerRetention(keepSeconds: 7 * 86_400)
  private let error = LedgerError.storage(
    .inputOutput,
    StorageFailure(store: "l", statement: "", code: "SQLite 10", message: "disk I/O error")
  )

  private func cursor(_ number: Int64) -> PruningCursor {
    PruningCursor(time: noon.adding(seconds: number), id: "\(number)")
  }

  private func moment(_ microseconds: Int64) -> Timestamp { Timestamp(microseconds: noon.microseconds + microseconds) }

  // MARK: - When

  @Test(.timeLimit(.minutes(1)))
  func `a writer that always has something to write prunes all the same`() throws {
    let stub = StubLedger()
    let ends = (1...3).map { cursor($0) }
    stub.prune(to: ends)
    let pruning = LedgerPruning(week, now: { noon }, notify: { Issue.record("\($0)") })
    let writer = try LedgerWriter(pruning: pruning, observer: { _ in }) { () throws(LedgerError) in stub.open() }
    let (event, done) = (try RiskEvent.sample("1"), Outcomes<Void>())
    let deadline = ContinuousClock.now + .seconds(30)
    // By the writing thread itself, so that the next one waits whenever one is written.
    @Sendable func submit() {
      writer.submit([event]) { _ in
        if stub.prunings.count <= ends.count, ContinuousClock.now < deadline { submit() } else { done.append(()) }
      }
    }
    submit()
    #expect(done.waiting(for: 1).count == 1)
    writer.close()
    #expect(stub.prunings == [nil] + ends, "a pass goes on where it was, and the next one is not begun at once")
  }

  @Test func `a pass goes on soon, the next begins some minutes later, and so does one that failed, where it was`()
    throws
  {
    let stub = StubLedger()
    let notes = Outcomes<LedgerError>()
    var pruner = LedgerPruner(LedgerPruning(week, now: { noon }, notify: notes.append))
    func isLong() -> Bool { pruner.waitMilliseconds > LedgerLimits.pruneIntervalMilliseconds / 2 }
    #expect(pruner.waitMilliseconds == 0)
    stub.prune(to: [cursor(1)])
    try pruner.step(stub)
    #expect(!isLong())
    for _ in 0..<2 { pruner.fail(error) }
    #expect(isLong())
    #expect(notes.all == [error], "several errors in a row are told once")
    try pruner.step(stub)
    #expect(isLong())
    try pruner.step(stub)
    #expect(stub.prunings == [nil, cursor(1), nil])
    pruner.fail(error)
    #expect(notes.all == [error, error])
  }

  @Test(.timeLimit(.minutes(1)))
  func `a ledger that cannot be pruned is healthy, takes events, and is opened again where that may help`() throws {
    let stub = StubLedger()
    stub.failToPrune(with: error)
    let notes = Outcomes<LedgerError>()
    let pruning = LedgerPruning(week, now: { noon }, notify: notes.append)
    let writer = try LedgerWriter(pruning: pruning, observer: { _ in }) { () throws(LedgerError) in stub.open() }
    #expect(notes.waiting(for: 1) == [error])
    #expect(writer.isHealthy)
    let outcomes = Outcomes<Bool>()
    writer.submit([try .sample("1")]) { outcomes.append((try? $0.get()) != nil) }
    #expect(outcomes.waiting(for: 1) == [true])
    #expect(writer.isHealthy)
    writer.close()
    // At the start, for the step once more, and for the event.
    #expect(stub.openingCount == 3)
    #expect(notes.all.count == 1)
  }

  // MARK: - How much

  @Test(arguments: LedgerStore.all)
  func `a step looks at so many events and no more, whatever has to stay`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    // Of the same moment, so that the id decides; they may own pods, and stay.
    _ = try ledger.append(try (10..<40).map { try .sample("owner-\($0)", uid: "\($0)") })
    _ = try ledger.append(try (0..<5).map { try .sample("old-\($0)", at: 1, introduced: false, uid: "old-\($0)") })
    _ = try ledger.append([.sample("new", at: 6 * day, introduced: false)])
    var steps: [PruningStep] = []
    repeat {
      steps.append(try ledger.prune(week, at: moment(8 * day), after: steps.last?.next, limit: 10))
    } while steps.last?.next != nil
    #expect(steps.map(\.deletedCount) == [0, 0, 0, 5])
    #expect(steps.map { $0.next?.id } == ["owner-19", "owner-29", "owner-39", nil])
    #expect(try ledger.events(matching: RiskEventQuery()).count == 31)
  }

  @Test(arguments: LedgerStore.all)
  func `the exporter that is furthest behind decides, of those that still export`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let ledger = try url.open(.readWrite)
    let outbox = try #require(try url.openOutbox())
    _ = try ledger.append(try (0..<4).map { try .sample("\($0)", at: $0, introduced: false, uid: "\($0)") })
    let sequences = try outbox.outgoing(after: 0, limit: 9).map(\.sequence)
    for (name, at, delivered) in [("gone", noon, 0), ("slow", moment(7 * day), 2), ("fast", moment(7 * day), 3)] {
      _ = try outbox.lease(name, holder: "a", seconds: 3_600, at: at)
      if delivered > 0 { #expect(try outbox.confirm(name, holder: "a", delivered: sequences[delivered - 1])) }
    }
    #expect(try ledger.prune(week, at: moment(8 * day), by: 9) == 2)
    #expect(try outbox.confirm("slow", holder: "a", delivered: sequences[3]))
    #expect(try ledger.prune(week, at: moment(8 * day), by: 9) == 1)
    withExtendedLifetime(directory) {}
  }

  @Test func `what is found without the lock is looked for again with it`() throws {
    let (path, directory) = try { ($0.ledger, $0) }(TemporaryDirectory())
    let ledger = try SQLiteLedger(path: path, access: .readWrite)
    _ = try ledger.append([.sample("created", uid: "d")])
    let pruning = PruningSQL(week, at: moment(29 * day), after: nil, limit: 9)
    #expect(try ledger.table.expired(pruning).mayGo)
    var pod = try RiskEvent.sample("pod", at: 28 * day, by: "system:kube-controller-manager", uid: "p")
    pod.owner = OwnerReference(apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "d")
    _ = try SQLiteLedger(path: path, access: .readWrite).append([pod])
    #expect(try ledger.connection.transaction { () throws(LedgerError) in try ledger.table.delete(pruning) } == 0)
    withExtendedLifetime(directory) {}
  }

  // MARK: - How

  private func plan(_ call: SQLCall, _ connection: some SQLConnection, _ explain: String, column: Int) throws -> String
  {
    var plan = ""
    try connection.run([SQLCall(sql: "\(explain) \(call.sql)", values: call.values)]) { _, row in
      plan += (row.text(at: column) ?? "") + "\n"
    }
    return plan
  }

  @Test func `SQLite walks the index of time from the cursor on`() throws {
    let (path, directory) = try { ($0.ledger, $0) }(TemporaryDirectory())
    let ledger = try SQLiteLedger(path: path, access: .readWrite)
    let pruning = PruningSQL(week, at: moment(10 * day), after: cursor(5), limit: 9)
    for call in [pruning.look, pruning.deletion] {
      let plan = try plan(call, ledger.connection, "EXPLAIN QUERY PLAN", column: 3)
      #expect(plan.contains("risk_event_time ((time_us,id)>(?,?) AND time_us<?)"), "\(plan)")
      #expect(plan.contains("SEARCH child USING COVERING INDEX risk_event_parent (parent_event>?)"), "\(plan)")
      #expect(!plan.contains("SCAN risk_event"), "\(plan)")
    }
    withExtendedLifetime(directory) {}
  }

  @Test func `PostgreSQL walks the index of time from the cursor on`() throws {
    let address = PostgreSQLAddress(url: try PostgreSQLServer.shared.get().makeDatabase())
    let ledger = try PostgreSQLLedger(address, access: .readWrite)
    let connection = ledger.connection
    try connection.execute(
      """
      INSERT INTO risk_event (
        id, time_us, requester, risk_object, risk_object_type, risk_score, decision, introduced, counted, namespace, kind,
        name, object_uid, object_key, pointer, request_uid, owner_key, parent_event, event
      )
      SELECT
        'id-' || n, \(noon.microseconds) + n::BIGINT * 1000000, 'alice', 'alice', 'user', 49, 'warn', 1, 0, 'default',
        CASE WHEN n % 2 = 0 THEN 'Pod' ELSE 'ReplicaSet' END, 'web', 'u' || n, 'uid:u' || n, '/spec', 'r', 'uid:u0',
        'id-' || (n - 1), '{}'
      FROM generate_series(1, 60000) AS n;
      ANALYZE risk_event
      """
    )
    // At the beginning and in the middle of a pass; most of what there is has expired.
    for cursor in [nil, cursor(30_000)] {
      let now = moment(40_000_000_000 + 8 * day)
      let pruning = PruningSQL(week, at: now, after: cursor, limit: LedgerLimits.prunedEventsMax)
      for call in [pruning.look, pruning.deletion] {
        let plan = try plan(call, connection, "EXPLAIN", column: 0)
        #expect(plan.contains("risk_event_time"), "\(plan)")
        #expect(plan.contains("ROW(time_us, id) > ROW("), "\(plan)")
        #expect(plan.contains("risk_event_parent"), "\(plan)")
        #expect(!plan.contains("Seq Scan on risk_event"), "\(plan)")
      }
    }
  }
}

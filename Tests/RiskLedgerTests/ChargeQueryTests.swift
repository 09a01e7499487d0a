// What is read of the ledger to find incidents, and how large batches are.

import Evaluation
import TestSupport
import Testing

@testable import RiskLedger

@Suite struct ChargeQueryTests {
  private func charges(_ ledger: some SQLLedger, above score: Int) throws -> [String] {
    var ids: [String] = []
    try ledger.connection.forEachRow(RiskAnalysisSQL(RiskPeriod(namespace: "n")).charges(above: score)) { row in
      ids.append(row.text(at: 4) ?? "")
      return true
    }
    return ids
  }

  @Test(arguments: LedgerStore.all)
  func `only the charges of those above the threshold are read, in their order`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let ledger = try url.open(.readWrite)
    for (user, count) in [("carol", 3), ("alice", 2), ("bob", 3)] {
      for number in (0..<count).reversed() {
        let id = "\(user)-\(number)"
        _ = try ledger.append([.sample(id, at: Int64(number), by: user, uid: id, namespace: "n")])
      }
    }
    _ = try ledger.append([.sample("alice-elsewhere", by: "alice", uid: "e"), .sample("evidence", introduced: false)])
    let sql = try #require(ledger as? any SQLLedger)
    #expect(try charges(sql, above: 100) == ["bob-0", "bob-1", "bob-2", "carol-0", "carol-1", "carol-2"])
    #expect(try charges(sql, above: 147).isEmpty)
    withExtendedLifetime(directory) {}
  }

  @Test func `one index has all that the search for incidents reads`() throws {
    let directory = try TemporaryDirectory()
    let connection = try SQLiteLedger(path: directory.ledger, access: .readWrite).connection
    let call = RiskAnalysisSQL(RiskPeriod()).charges(above: 100)
    var plan: [String] = []
    try connection.run(["EXPLAIN QUERY PLAN \(call.sql)"].map { SQLCall(sql: $0, values: call.values) }) { _, row in
      plan.append(row.text(at: 3) ?? "")
    }
    let tables = plan.filter { $0.contains("risk_event") }
    #expect(tables.count == 2)
    #expect(tables.allSatisfy { $0.contains("COVERING INDEX risk_event_charged") }, "\(plan)")
  }

  @Test func `batches become smaller where writing takes long, and large again`() {
    var size = LedgerBatchSize()
    #expect(size.events == LedgerLimits.batchEventsMax)
    size.note(milliseconds: LedgerLimits.batchMilliseconds)
    #expect(size.events == LedgerLimits.batchEventsMax)
    for _ in 0..<20 { size.note(milliseconds: LedgerLimits.batchMilliseconds + 1) }
    #expect(size.events == LedgerLimits.batchEventsMin)
    for _ in 0..<20 { size.note(milliseconds: 1) }
    #expect(size.events == LedgerLimits.batchEventsMax)
  }
}

// Connections that were dropped while nobody used them.

import Evaluation
import Foundation
import RiskLedger
import TestSupport
import Testing

@Suite struct KeptLedgerTests {
  /// Ends every connection to a database, as an idle timeout, a pooler or a restart does.
  private func dropConnections(to url: String) throws {
    let server = try PostgreSQLServer.shared.get()
    let database = String(url[url.index(after: try #require(url.lastIndex(of: "/")))...])
    let others = "FROM pg_stat_activity WHERE datname = '\(database)'"
    _ = try server.query("SELECT pg_terminate_backend(pid) \(others)", database: "postgres")
    for _ in 0..<300 where try server.query("SELECT COUNT(*) \(others)", database: "postgres") != "0" { usleep(10_000) }
  }

  @Test func `a connection that was dropped while it rested costs no event`() throws {
    let url = try PostgreSQLServer.shared.get().makeDatabase()
    let writer = try LedgerWriter(LedgerURL(url)) { _ in }
    let outcomes = Outcomes<LedgerError?>()
    for number in 0..<3 {
      writer.submit([try .sample("\(number)", at: Int64(number))]) { result in
        if case .failure(let error) = result { outcomes.append(error) } else { outcomes.append(nil) }
      }
      #expect(outcomes.waiting(for: number + 1) == Array(repeating: nil, count: number + 1))
      #expect(writer.isHealthy)
      try dropConnections(to: url)
    }
    writer.close()
    let kept = try LedgerURL(url).open(.readOnly).events(matching: RiskEventQuery()).map(\.event.id)
    #expect(kept == ["0", "1", "2"])
  }

  @Test func `a reader whose connection was dropped reads over a new one`() throws {
    let url = try PostgreSQLServer.shared.get().makeDatabase()
    _ = try LedgerURL(url).open(.readWrite).append([.sample("1")])
    var kept = KeptLedger(reading: try LedgerURL(url))
    for _ in 0..<2 {
      #expect(try kept.use { ledger throws(LedgerError) in try ledger.events(matching: RiskEventQuery()).count } == 1)
      try dropConnections(to: url)
    }
  }

  @Test func `what fails on a new connection is told, and not done again`() throws {
    let stub = StubLedger()
    let failure = LedgerError.storage(
      .unreachable,
      StorageFailure(store: "l", statement: "", code: "libpq", message: "gone")
    )
    var kept = KeptLedger { () throws(LedgerError) in stub.open() }
    stub.fail(with: failure)
    let events = [try RiskEvent.sample("1")]
    #expect(throws: failure) { try kept.use { ledger throws(LedgerError) in try ledger.append(events) } }
    #expect(stub.batches == [1])
    stub.fail(with: nil)
    _ = try kept.use { ledger throws(LedgerError) in try ledger.append(events) }
    stub.fail(with: failure)
    #expect(throws: failure) { try kept.use { ledger throws(LedgerError) in try ledger.append(events) } }
    #expect(stub.batches == [1, 1, 1, 1])
    #expect(stub.openingCount == 3)
  }
}

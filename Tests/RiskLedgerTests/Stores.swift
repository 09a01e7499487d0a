// Stores to test against; a further kind of ledger joins `LedgerStore.all` and has the whole contract to meet.

import Evaluation
import Foundation
import RiskLedger
import TestSupport
import Testing

/// A folder that goes with the test.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "hostfence-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  var ledger: String { file("ledger.db") }
}

/// An empty store, which several ledgers may open; it lasts as long as any of them.
struct TemporaryStore: Sendable {
  let directory: TemporaryDirectory
  let opener: @Sendable (TemporaryDirectory) throws(LedgerError) -> any RiskLedger

  func open() throws(LedgerError) -> any RiskLedger { HeldLedger(store: self, ledger: try opener(directory)) }
}

/// A ledger that keeps its store from going away.
private struct HeldLedger: RiskLedger {
  let store: TemporaryStore
  let ledger: any RiskLedger

  func append(_ events: [RiskEvent]) throws(LedgerError) -> [RecordedRiskEvent] { try ledger.append(events) }

  func forEachEvent(matching query: RiskEventQuery, _ body: (RecordedRiskEvent) -> Bool) throws(LedgerError) {
    try ledger.forEachEvent(matching: query, body)
  }

  func riskObjects(in period: RiskPeriod, limit: Int) throws(LedgerError) -> [RiskObjectSummary] {
    try ledger.riskObjects(in: period, limit: limit)
  }

  func incidents(in period: RiskPeriod, _ threshold: RiskThreshold) throws(LedgerError) -> [RiskIncident] {
    try ledger.incidents(in: period, threshold)
  }

  func addEvidence(to incidents: inout [RiskIncident], limit: Int) throws(LedgerError) {
    try ledger.addEvidence(to: &incidents, limit: limit)
  }

  func overview(of period: RiskPeriod, bucketsMax: Int) throws(LedgerError) -> RiskOverview {
    try ledger.overview(of: period, bucketsMax: bucketsMax)
  }

  func prune(
    _ retention: LedgerRetention,
    at now: Timestamp,
    after cursor: PruningCursor?,
    limit: Int
  ) throws(LedgerError) -> PruningStep {
    try ledger.prune(retention, at: now, after: cursor, limit: limit)
  }

  func verifyWritable() throws(LedgerError) { try ledger.verifyWritable() }
}

/// A kind of store.
struct LedgerStore: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let make: @Sendable () throws -> TemporaryStore

  /// The URL of an empty store, and what keeps it from going away.
  let makeURL: @Sendable () throws -> (url: LedgerURL, directory: TemporaryDirectory)

  static let all = [
    LedgerStore("SQLite") {
      let directory = try TemporaryDirectory()
      return (.sqlite(path: directory.ledger), directory)
    },
    LedgerStore("PostgreSQL") {
      (try LedgerURL(try PostgreSQLServer.shared.get().makeDatabase()), try TemporaryDirectory())
    },
  ]

  private init(
    _ name: String,
    _ makeURL: @escaping @Sendable () throws -> (url: LedgerURL, directory: TemporaryDirectory)
  ) {
    testDescription = name
    self.makeURL = makeURL
    make = {
      let (url, directory) = try makeURL()
      return TemporaryStore(directory: directory) { (_) throws(LedgerError) in try url.open(.readWrite) }
    }
  }
}

extension RiskLedger {
  /// Prunes to the end of a pass, so many events a step, and says how many were deleted.
  func prune(_ retention: LedgerRetention, at now: Timestamp, by limit: Int) throws -> Int {
    var (count, cursor) = (0, PruningCursor?.none)
    repeat {
      let step = try prune(retention, at: now, after: cursor, limit: limit)
      #expect(step.deletedCount <= limit)
      count += step.deletedCount
      cursor = step.next
    } while cursor != nil
    return count
  }
}

extension RiskEventOutbox {
  /// Events behind a sequence number, all of which can be read.
  func outgoing(after sequence: Int64, limit: Int) throws(LedgerError) -> [OutgoingRiskEvent] {
    try outgoing(after: sequence, limit: limit) { _, error in Issue.record("\(error)") }
  }
}

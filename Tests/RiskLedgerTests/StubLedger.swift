// A ledger that does what a test tells it to.

import Evaluation
import Foundation
import RiskLedger

/// Keeps events in memory and fails on command; shared by its openings.
final class StubLedger: RiskLedger, @unchecked Sendable {
  private let lock = NSLock()
  private var failure: LedgerError?
  private var events: [RecordedRiskEvent] = []
  private var batchSizes: [Int] = []
  private var openings = 0
  private var pruningFailure: LedgerError?
  private var cursors: [PruningCursor?] = []
  private var steps: [PruningCursor] = []
  /// What every append waits for.
  let gate: Gate?

  init(gate: Gate? = nil) { self.gate = gate }

  func fail(with error: LedgerError?) { lock.withLock { failure = error } }

  func failToPrune(with error: LedgerError?) { lock.withLock { pruningFailure = error } }

  /// Where the next steps of pruning end, each before the end of the pass.
  func prune(to cursors: [PruningCursor]) { lock.withLock { steps = cursors } }

  /// Where each step of pruning began.
  var prunings: [PruningCursor?] { lock.withLock { cursors } }

  var batches: [Int] { lock.withLock { batchSizes } }

  var openingCount: Int { lock.withLock { openings } }

  func open() -> any RiskLedger {
    lock.withLock { openings += 1 }
    return self
  }

  func append(_ new: [RiskEvent]) throws(LedgerError) -> [RecordedRiskEvent] {
    gate?.pass()
    let result: Result<[RecordedRiskEvent], LedgerError> = lock.withLock {
      batchSizes.append(new.count)
      if let failure { return .failure(failure) }
      if let bad = new.first(where: { $0.id.hasPrefix("bad") }) {
        return .failure(.unrecordableEvent(id: bad.id, reason: "it is bad"))
      }
      let recorded = new.map { RecordedRiskEvent(event: $0, counted: true) }
      events += recorded
      return .success(recorded)
    }
    return try result.get()
  }

  func forEachEvent(matching query: RiskEventQuery, _ body: (RecordedRiskEvent) -> Bool) throws(LedgerError) {
    for event in lock.withLock({ events }) where !body(event) { return }
  }

  func riskObjects(in period: RiskPeriod, limit: Int) -> [RiskObjectSummary] { [] }

  func incidents(in period: RiskPeriod, _ threshold: RiskThreshold) -> [RiskIncident] { [] }

  func addEvidence(to incidents: inout [RiskIncident], limit: Int) {}

  func overview(of period: RiskPeriod, bucketsMax: Int) -> RiskOverview { RiskOverview() }

  func prune(
    _ retention: LedgerRetention,
    at now: Timestamp,
    after cursor: PruningCursor?,
    limit: Int
  ) throws(LedgerError) -> PruningStep {
    let result: Result<PruningStep, LedgerError> = lock.withLock {
      cursors.append(cursor)
      if let pruningFailure { return .failure(pruningFailure) }
      return .success(PruningStep(deletedCount: 0, next: steps.isEmpty ? nil : steps.removeFirst()))
    }
    return try result.get()
  }

  func verifyWritable() throws(LedgerError) {
    if let failure = lock.withLock({ failure }) { throw failure }
  }
}

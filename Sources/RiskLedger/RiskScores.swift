// The counted risk of users while a server runs, begun with what the ledger holds.

package import Evaluation
internal import Threads

/// Tells the risk so far of a user; fed with what the ledger recorded.
package final class RiskScores: Sendable {
  private let counted = Monitor(CountedRisk())

  /// Begins with nothing.
  package init() {}

  /// Charges what counts, each event once however often it is recorded.
  package func add(_ events: [RecordedRiskEvent]) {
    guard events.contains(where: \.counted) else { return }
    counted.withLock { counted in
      for recorded in events where recorded.counted { counted.add(recorded.event) }
    }
  }

  /// Begins anew with what a ledger holds since a moment; a ledger that is not there yet holds nothing.
  ///
  /// What was charged before goes, as charges that are no longer remembered one by one would count again. What is added
  /// meanwhile has to be added again.
  /// - Parameter unreadable: gets the error that names an event that cannot be read, and is not charged.
  /// - Throws: `LedgerError` when the ledger cannot be read; then all stays as it was.
  package func load(
    _ ledger: any RiskLedger,
    since time: Timestamp,
    unreadable: (LedgerError) -> Void
  ) throws(LedgerError) {
    var loaded = CountedRisk()
    let charges = RiskEventQuery(RiskPeriod(since: time), counted: true)
    try ledger.forEachReadableEvent(matching: charges, unreadable: unreadable) { recorded in
      loaded.add(recorded.event)
      return true
    }
    counted.withLock { $0 = loaded }
  }

  /// What a user was charged with in the window that ends at a moment.
  package func risk(of user: String, at time: Timestamp, windowSeconds: Int64) -> Int {
    counted.withLock { $0.risk(of: user, at: time, windowSeconds: windowSeconds) }
  }
}

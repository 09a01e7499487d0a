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

  /// Charges what a ledger holds since a moment; a ledger that is not there yet holds nothing.
  ///
  /// - Throws: `LedgerError` when it cannot be read.
  package func load(_ ledger: any RiskLedger, since time: Timestamp) throws(LedgerError) {
    try ledger.forEachEvent(matching: RiskEventQuery(RiskPeriod(since: time))) { event in
      add([event])
      return true
    }
  }

  /// What a user was charged with in the window that ends at a moment.
  package func risk(of user: String, at time: Timestamp, windowSeconds: Int64) -> Int {
    counted.withLock { $0.risk(of: user, at: time, windowSeconds: windowSeconds) }
  }
}

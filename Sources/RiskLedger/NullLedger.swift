// The ledger of `--ledger none`.

package import Evaluation

/// Keeps nothing.
///
/// Every eligible event counts, as there is no other to compare it with.
package struct NullLedger: RiskLedger {
  /// Creates the ledger that keeps nothing.
  package init() {}

  package func append(_ events: [RiskEvent]) -> [RecordedRiskEvent] {
    events.map { RecordedRiskEvent(event: $0, counted: CountingRule.isEligible($0)) }
  }

  package func forEachEvent(
    matching query: RiskEventQuery,
    _ body: (RecordedRiskEvent) -> Bool
  ) {}

  package func riskObjects(in period: RiskPeriod, limit: Int) -> [RiskObjectSummary] { [] }

  package func incidents(in period: RiskPeriod, _ threshold: RiskThreshold) -> [RiskIncident] { [] }

  package func addEvidence(to incidents: inout [RiskIncident], limit: Int) {}

  package func overview(of period: RiskPeriod, bucketsMax: Int) -> RiskOverview { RiskOverview() }

  package func prune(
    _ retention: LedgerRetention,
    at now: Timestamp,
    after cursor: PruningCursor?,
    limit: Int
  ) -> PruningStep { PruningStep(deletedCount: 0, next: nil) }

  package func verifyWritable() {}
}

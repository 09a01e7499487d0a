// What a store of risk events must do, whichever database is behind it.

package import Evaluation

/// A store of risk events.
///
/// One ledger belongs to one thread. Several ledgers, in one process or in many, may share a store.
package protocol RiskLedger {
  /// Keeps events durably, all of them or none, and says which count.
  ///
  /// When it returns, the events survive a crash and a loss of power. An event whose id is known already changes
  /// nothing; what was stored under that id is returned in its place.
  /// - Returns: one element per event, in the order given.
  func append(_ events: [RiskEvent]) throws(LedgerError) -> [RecordedRiskEvent]

  /// Hands matching events to `body` one at a time, in the query's order, until it returns false.
  ///
  /// The events are one consistent snapshot; no more than one is in memory.
  func forEachEvent(
    matching query: RiskEventQuery,
    _ body: (RecordedRiskEvent) -> Bool
  ) throws(LedgerError)

  /// As above, for who must go on when one event cannot be read.
  ///
  /// - Parameter unreadable: gets the error that names such an event.
  func forEachReadableEvent(
    matching query: RiskEventQuery,
    unreadable: (LedgerError) -> Void,
    _ body: (RecordedRiskEvent) -> Bool
  ) throws(LedgerError)

  /// The risk objects with the highest scores in a period, at most so many.
  func riskObjects(in period: RiskPeriod, limit: Int) throws(LedgerError) -> [RiskObjectSummary]

  /// The incidents of a period, the gravest and latest first, without evidence.
  func incidents(in period: RiskPeriod, _ threshold: RiskThreshold) throws(LedgerError) -> [RiskIncident]

  /// Adds to incidents how many events each has in all, where, and the first of them.
  ///
  /// - Parameter limit: the most events of an incident that are wanted; those that counted come first.
  func addEvidence(to incidents: inout [RiskIncident], limit: Int) throws(LedgerError)

  /// All of a period in figures.
  ///
  /// - Parameter bucketsMax: the most stretches of time that are wanted.
  func overview(of period: RiskPeriod, bucketsMax: Int) throws(LedgerError) -> RiskOverview

  /// Looks at the oldest expired events behind a cursor, at most so many, and deletes those of them that may go.
  ///
  /// A step is short whatever the ledger holds, and writers wait for it only where it deletes.
  func prune(
    _ retention: LedgerRetention,
    at now: Timestamp,
    after cursor: PruningCursor?,
    limit: Int
  ) throws(LedgerError) -> PruningStep

  /// Proves that events can be kept now, without keeping any; a ledger that failed is asked until this succeeds.
  func verifyWritable() throws(LedgerError)
}

extension RiskLedger {
  /// As `forEachEvent`: a ledger can read what it has, unless its store is one that others may write.
  package func forEachReadableEvent(
    matching query: RiskEventQuery,
    unreadable: (LedgerError) -> Void,
    _ body: (RecordedRiskEvent) -> Bool
  ) throws(LedgerError) {
    try forEachEvent(matching: query, body)
  }

  /// The incidents of a period with their evidence.
  package func incidents(
    in period: RiskPeriod,
    _ threshold: RiskThreshold,
    evidenceMax: Int
  ) throws(LedgerError) -> [RiskIncident] {
    var incidents = try incidents(in: period, threshold)
    try addEvidence(to: &incidents, limit: evidenceMax)
    return incidents
  }

  /// Matching events, in the query's order.
  package func events(matching query: RiskEventQuery) throws(LedgerError) -> [RecordedRiskEvent] {
    var events: [RecordedRiskEvent] = []
    try forEachEvent(matching: query) { event in
      events.append(event)
      return true
    }
    return events
  }
}

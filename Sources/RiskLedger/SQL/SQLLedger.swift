// What all ledgers in SQL databases do alike.

internal import Evaluation

/// A ledger whose events are in the tables of an SQL database.
protocol SQLLedger: RiskLedger, RiskEventOutbox {
  associatedtype Connection: SQLConnection

  var connection: Connection { get }
  var table: RiskEventTable<Connection> { get }

  /// Throws when what is written now would be lost, and what is read is no longer what others see.
  func verifyInPlace() throws(LedgerError)
}

extension SQLLedger {
  package func append(_ events: [RiskEvent]) throws(LedgerError) -> [RecordedRiskEvent] {
    guard !events.isEmpty else { return [] }
    try verifyInPlace()
    let insertions = try table.insertions(of: events)
    let recorded = try connection.transaction { () throws(LedgerError) in try table.append(events, insertions) }
    try verifyInPlace()
    return recorded
  }

  package func forEachEvent(
    matching query: RiskEventQuery,
    _ body: (RecordedRiskEvent) -> Bool
  ) throws(LedgerError) {
    try verifyInPlace()
    try table.forEachEvent(matching: query, unreadable: { error throws(LedgerError) in throw error }, body)
  }

  /// See `RiskLedger.forEachReadableEvent`.
  package func forEachReadableEvent(
    matching query: RiskEventQuery,
    unreadable: (LedgerError) -> Void,
    _ body: (RecordedRiskEvent) -> Bool
  ) throws(LedgerError) {
    try verifyInPlace()
    try table.forEachEvent(matching: query, unreadable: unreadable, body)
  }

  package func riskObjects(in period: RiskPeriod, limit: Int) throws(LedgerError) -> [RiskObjectSummary] {
    try verifyInPlace()
    return try table.riskObjects(in: period, limit: limit)
  }

  package func incidents(in period: RiskPeriod, _ threshold: RiskThreshold) throws(LedgerError) -> [RiskIncident] {
    try verifyInPlace()
    return try table.incidents(in: period, threshold)
  }

  package func addEvidence(to incidents: inout [RiskIncident], limit: Int) throws(LedgerError) {
    try verifyInPlace()
    try table.addEvidence(to: &incidents, limit: limit)
  }

  package func overview(of period: RiskPeriod, bucketsMax: Int) throws(LedgerError) -> RiskOverview {
    try verifyInPlace()
    return try table.overview(of: period, bucketsMax: bucketsMax)
  }

  package func prune(
    _ retention: LedgerRetention,
    at now: Timestamp,
    after cursor: PruningCursor?,
    limit: Int
  ) throws(LedgerError) -> PruningStep {
    try verifyInPlace()
    let pruning = PruningSQL(retention, at: now, after: cursor, limit: limit)
    // Without the lock, which most steps of a pass over what has to stay do not need.
    let found = try table.expired(pruning)
    guard found.mayGo else { return PruningStep(deletedCount: 0, next: found.next) }
    let count = try connection.transaction { () throws(LedgerError) in try table.delete(pruning) }
    return PruningStep(deletedCount: count, next: found.next)
  }

  package func lease(
    _ name: String,
    holder: String,
    seconds: Int64,
    at now: Timestamp
  ) throws(LedgerError) -> OutboxPosition? {
    try verifyInPlace()
    return try connection.transaction { () throws(LedgerError) in
      try table.lease(name, holder: holder, seconds: seconds, at: now)
    }
  }

  package func position(_ name: String) throws(LedgerError) -> OutboxPosition {
    try verifyInPlace()
    return try table.position(name)
  }

  package func skipRecorded(_ name: String) throws(LedgerError) {
    try verifyInPlace()
    try connection.transaction { () throws(LedgerError) in try table.skipRecorded(name) }
  }

  package func lastSequence() throws(LedgerError) -> Int64 {
    try verifyInPlace()
    return try table.lastSequence()
  }

  package func outgoing(
    after sequence: Int64,
    limit: Int,
    unreadable: (_ sequence: Int64, _ error: LedgerError) -> Void
  ) throws(LedgerError) -> [OutgoingRiskEvent] {
    try verifyInPlace()
    return try table.outgoing(after: sequence, limit: limit, unreadable: unreadable)
  }

  package func confirm(_ name: String, holder: String, delivered sequence: Int64) throws(LedgerError) -> Bool {
    try verifyInPlace()
    return try connection.transaction { () throws(LedgerError) in
      try table.confirm(name, holder: holder, delivered: sequence)
    }
  }

  package func forwardedBytes(of log: String) throws(LedgerError) -> Int64 {
    try verifyInPlace()
    return try table.forwardedBytes(of: log)
  }

  package func setForwardedBytes(_ bytes: Int64, of log: String) throws(LedgerError) {
    try verifyInPlace()
    try connection.transaction { () throws(LedgerError) in try table.setForwardedBytes(bytes, of: log) }
  }
}

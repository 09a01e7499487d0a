// The ledger in a PostgreSQL database, which many servers and replays share.

package import Evaluation

/// A ledger in PostgreSQL, or in a database that speaks its protocol and its SQL.
///
/// A commit returns when PostgreSQL says that it is durable. Writers take turns, so that whether an event counts, who is
/// charged and the order of `sequence` never depend on which of them was faster.
package final class PostgreSQLLedger: RiskLedger {
  private let connection: PostgreSQLConnection
  private let table: RiskEventTable<PostgreSQLConnection>

  /// Opens a ledger; with `.readWrite` its tables are made where there are none and upgraded where they are old.
  ///
  /// - Throws: `LedgerError`; what the database holds is left as it was.
  package convenience init(_ address: PostgreSQLAddress, access: LedgerURL.Access) throws(LedgerError) {
    try self.init(address, access: access, migrations: PostgreSQLMigrations.all)
  }

  /// As above, with the steps of another version.
  init(_ address: PostgreSQLAddress, access: LedgerURL.Access, migrations: [String]) throws(LedgerError) {
    connection = try PostgreSQLConnection(address, access: access)
    table = RiskEventTable(connection)
    let version = try PostgreSQLSchema(connection, migrations).version(upgrading: access == .readWrite)
    guard version <= migrations.count else {
      throw .newerVersion(path: connection.store, found: version, supported: migrations.count)
    }
    guard version == migrations.count else {
      throw .olderVersion(path: connection.store, found: version, supported: migrations.count)
    }
  }

  package func append(_ events: [RiskEvent]) throws(LedgerError) -> [RecordedRiskEvent] {
    guard !events.isEmpty else { return [] }
    return try connection.transaction { () throws(LedgerError) in try table.append(events) }
  }

  package func forEachEvent(
    matching query: RiskEventQuery,
    _ body: (RecordedRiskEvent) -> Bool
  ) throws(LedgerError) {
    try table.forEachEvent(matching: query, body)
  }

  package func riskObjects(in period: RiskPeriod, limit: Int) throws(LedgerError) -> [RiskObjectSummary] {
    try table.riskObjects(in: period, limit: limit)
  }

  package func incidents(in period: RiskPeriod, _ threshold: RiskThreshold) throws(LedgerError) -> [RiskIncident] {
    try table.incidents(in: period, threshold)
  }

  package func addEvidence(to incidents: inout [RiskIncident], limit: Int) throws(LedgerError) {
    try table.addEvidence(to: &incidents, limit: limit)
  }

  package func overview(of period: RiskPeriod, bucketsMax: Int) throws(LedgerError) -> RiskOverview {
    try table.overview(of: period, bucketsMax: bucketsMax)
  }

  package func prune(_ retention: LedgerRetention, at now: Timestamp, limit: Int) throws(LedgerError) -> Int {
    try connection.transaction { () throws(LedgerError) in
      try table.prune(retention, at: now, limit: limit)
    }
  }

  package func verifyWritable() throws(LedgerError) {
    try connection.transaction { () throws(LedgerError) in
      try connection.run("UPDATE hostfence_ledger SET version = version WHERE one = $1", [[.integer(1)]]) { _, _ in }
    }
  }
}

extension PostgreSQLLedger: RiskEventOutbox {
  package func lease(
    _ name: String,
    holder: String,
    seconds: Int64,
    at now: Timestamp
  ) throws(LedgerError) -> OutboxPosition? {
    try connection.transaction { () throws(LedgerError) in
      try table.lease(name, holder: holder, seconds: seconds, at: now)
    }
  }

  package func lastSequence() throws(LedgerError) -> Int64 { try table.lastSequence() }

  package func outgoing(after sequence: Int64, limit: Int) throws(LedgerError) -> [OutgoingRiskEvent] {
    try table.outgoing(after: sequence, limit: limit)
  }

  package func confirm(_ name: String, holder: String, delivered sequence: Int64) throws(LedgerError) -> Bool {
    try connection.transaction { () throws(LedgerError) in
      try table.confirm(name, holder: holder, delivered: sequence)
    }
  }

  package func forwardedBytes(of log: String) throws(LedgerError) -> Int64 { try table.forwardedBytes(of: log) }

  package func setForwardedBytes(_ bytes: Int64, of log: String) throws(LedgerError) {
    try connection.transaction { () throws(LedgerError) in try table.setForwardedBytes(bytes, of: log) }
  }
}

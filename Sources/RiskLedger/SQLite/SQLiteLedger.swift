// The ledger in one SQLite file.

package import Evaluation

/// A ledger in an SQLite file, for one node.
///
/// With the write-ahead log and `synchronous=FULL` a commit returns after the log is on the disk, so what `append`
/// returned survives a loss of power; readers never wait for the writer nor it for them. Several processes of one
/// machine may share the file; a network file system cannot hold it.
package final class SQLiteLedger: RiskLedger {
  /// The connection, for tests that bring it into trouble.
  package let connection: SQLiteConnection
  private let access: LedgerURL.Access
  private let identity: LedgerFileIdentity
  private let table: RiskEventTable<SQLiteConnection>

  /// Opens a ledger; with `.readWrite` it is made where there is none (mode 0600) and upgraded where it is old.
  /// - Throws: `LedgerError`, the file being left as it was.
  package convenience init(path: String, access: LedgerURL.Access) throws(LedgerError) {
    try self.init(path: path, access: access, migrations: SQLiteMigrations.all)
  }

  /// As above, with the steps of another version.
  package init(path: String, access: LedgerURL.Access, migrations: [String]) throws(LedgerError) {
    connection = try SQLiteLedgerOpening(path: path, access: access, migrations: migrations).open()
    self.access = access
    identity = LedgerFileIdentity(of: connection.absolutePath)
    table = RiskEventTable(connection)
  }

  deinit {
    // Events are durable without it; this only spares the next reader the log when other connections stay open.
    if access == .readWrite { try? connection.execute("PRAGMA wal_checkpoint(PASSIVE)") }
  }

  package func append(_ events: [RiskEvent]) throws(LedgerError) -> [RecordedRiskEvent] {
    guard !events.isEmpty else { return [] }
    try verifyInPlace()
    let recorded = try connection.transaction { () throws(LedgerError) in try table.append(events) }
    // A commit into a file that has lost its name would be lost with the process.
    try verifyInPlace()
    return recorded
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
    try verifyInPlace()
    return try connection.transaction { () throws(LedgerError) in
      try table.prune(retention, at: now, limit: limit)
    }
  }

  package func verifyWritable() throws(LedgerError) {
    try verifyInPlace()
    let version = try connection.integer("PRAGMA user_version")
    // Writes one page and syncs it, whether or not the value changes.
    try connection.transaction { () throws(LedgerError) in
      try connection.execute("PRAGMA user_version = \(version)")
    }
    try verifyInPlace()
  }

  package func forEachEvent(
    matching query: RiskEventQuery,
    _ body: (RecordedRiskEvent) -> Bool
  ) throws(LedgerError) {
    try table.forEachEvent(matching: query, body)
  }

  private func verifyInPlace() throws(LedgerError) {
    guard identity == LedgerFileIdentity(of: identity.path) else { throw .replaced(path: connection.path) }
  }
}

extension SQLiteLedger: RiskEventOutbox {
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

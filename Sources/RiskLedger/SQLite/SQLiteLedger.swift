// The ledger in one SQLite file.

package import Evaluation
internal import JSONDocument

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
  private let insert: SQLiteStatement
  private let find: SQLiteStatement
  private let parser = JSONParser()

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
    insert = try connection.prepare(Self.insertSQL)
    find = try connection.prepare("SELECT id, counted, event FROM risk_event WHERE id = ?")
  }

  deinit {
    // Events are durable without it; this only spares the next reader the log when other connections stay open.
    if access == .readWrite { try? connection.execute("PRAGMA wal_checkpoint(PASSIVE)") }
  }

  package func append(_ events: [RiskEvent]) throws(LedgerError) -> [RecordedRiskEvent] {
    guard !events.isEmpty else { return [] }
    try verifyInPlace()
    let recorded = try connection.transaction { () throws(LedgerError) in
      var recorded: [RecordedRiskEvent] = []
      recorded.reserveCapacity(events.count)
      for event in events { recorded.append(try append(event)) }
      return recorded
    }
    // A commit into a file that has lost its name would be lost with the process.
    try verifyInPlace()
    return recorded
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
    let statement = try SQLiteEventSelection(query).prepare(on: connection)
    while try statement.step() {
      guard body(try event(from: statement)) else { return }
    }
  }

  private func verifyInPlace() throws(LedgerError) {
    guard identity == LedgerFileIdentity(of: identity.path) else { throw .replaced(path: connection.path) }
  }
}

// MARK: - Rows

extension SQLiteLedger {
  /// One statement decides whether the event is new and whether it counts.
  ///
  /// A database with concurrent writers needs a lock here; SQLite's transaction is one.
  private static let insertSQL = """
    INSERT INTO risk_event (
      id, time_us, risk_object, risk_object_type, risk_score, threat_object, decision, introduced, namespace, kind, name,
      object_uid, object_key, pointer, request_uid, event, counted
    )
    VALUES (
      ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
      CASE WHEN ?17 = 1 AND NOT EXISTS (
        SELECT 1 FROM risk_event
        WHERE risk_object = ?3 AND object_key = ?13 AND pointer = ?14 AND counted = 1 AND time_us > ?18 AND time_us < ?19
      ) THEN 1 ELSE 0 END
    )
    ON CONFLICT (id) DO NOTHING
    RETURNING counted
    """

  private func append(_ event: RiskEvent) throws(LedgerError) -> RecordedRiskEvent {
    guard LedgerLimits.timeMicroseconds.contains(event.time.microseconds) else {
      throw .unrecordableEvent(id: event.id, reason: "its time is not within the years 0000 to 9999")
    }
    defer { insert.reset() }
    try bind(event)
    guard try insert.step() else { return try storedEvent(id: event.id) }
    let counted = insert.integer(at: 0) == 1
    // The insertion is complete only once its result has been read to the end.
    _ = try insert.step()
    return RecordedRiskEvent(event: event, counted: counted)
  }

  private func bind(_ event: RiskEvent) throws(LedgerError) {
    var json = JSONWriter(capacityBytes: 1_024)
    event.write(to: &json)
    try insert.bind(event.id, at: 1)
    try insert.bind(event.time.microseconds, at: 2)
    try insert.bind(event.riskObject, at: 3)
    try insert.bind(event.riskObjectType, at: 4)
    try insert.bind(Int64(event.riskScore), at: 5)
    try insert.bind(event.threatObject, at: 6)
    try insert.bind(event.decision.rawValue, at: 7)
    try insert.bind(event.introduced ? 1 : 0, at: 8)
    try insert.bind(event.namespace, at: 9)
    try insert.bind(event.groupVersionKind.kind, at: 10)
    try insert.bind(event.name, at: 11)
    try insert.bind(event.objectUID, at: 12)
    try insert.bind(CountingRule.objectKey(event), at: 13)
    try insert.bind(event.attachment.pointer, at: 14)
    try insert.bind(event.requestUID, at: 15)
    try insert.bind(utf8: json.bytes, at: 16)
    try insert.bind(CountingRule.isEligible(event) ? 1 : 0, at: 17)
    try insert.bind(event.time.adding(seconds: -event.deduplicationSeconds).microseconds, at: 18)
    try insert.bind(event.time.adding(seconds: event.deduplicationSeconds).microseconds, at: 19)
  }

  private func storedEvent(id: String) throws(LedgerError) -> RecordedRiskEvent {
    defer { find.reset() }
    try find.bind(id, at: 1)
    guard try find.step() else { throw .unreadableEvent(id: id, path: connection.path) }
    return try event(from: find)
  }

  /// Reads the columns `id, counted, event`.
  private func event(from statement: SQLiteStatement) throws(LedgerError) -> RecordedRiskEvent {
    let text = statement.utf8(at: 2, spareBytes: JSONParser.paddingBytes)
    let event = try? parser.withDocument(text) { RiskEvent(json: $0) }
    guard let event else { throw .unreadableEvent(id: statement.text(at: 0), path: connection.path) }
    return RecordedRiskEvent(event: event, counted: statement.integer(at: 1) == 1)
  }
}

// The ledger in one SQLite file.

/// A ledger in an SQLite file, for one node.
///
/// With the write-ahead log and `synchronous=FULL` a commit returns after the log is on the disk, so what `append`
/// returned survives a loss of power; readers never wait for the writer nor it for them. Several processes of one
/// machine may share the file; a network file system cannot hold it.
package final class SQLiteLedger: SQLLedger {
  /// The connection, for tests that bring it into trouble.
  package let connection: SQLiteConnection
  private let access: LedgerURL.Access
  private let identity: LedgerFileIdentity
  let table: RiskEventTable<SQLiteConnection>

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

  package func verifyWritable() throws(LedgerError) {
    try verifyInPlace()
    let version = try connection.integer("PRAGMA user_version")
    // Writes one page and syncs it, whether or not the value changes.
    try connection.transaction { () throws(LedgerError) in
      try connection.execute("PRAGMA user_version = \(version)")
    }
    try verifyInPlace()
  }

  /// A commit into a file that has lost its name would be lost with the process, and nobody writes it any more.
  func verifyInPlace() throws(LedgerError) {
    guard identity == LedgerFileIdentity(of: identity.path) else { throw .replaced(path: connection.path) }
  }
}

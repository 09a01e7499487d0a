// The ledger in a PostgreSQL database, which many servers and replays share.

/// A ledger in PostgreSQL, or in a database that speaks its protocol and its SQL.
///
/// A commit returns when PostgreSQL says that it is durable. Writers take turns, so that whether an event counts, who is
/// charged and the order of `sequence` never depend on which of them was faster.
package final class PostgreSQLLedger: SQLLedger {
  let connection: PostgreSQLConnection
  let table: RiskEventTable<PostgreSQLConnection>

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
      throw .newerVersion(store: connection.store, found: version, supported: migrations.count)
    }
    guard version == migrations.count else {
      throw .olderVersion(store: connection.store, found: version, supported: migrations.count)
    }
  }

  package func verifyWritable() throws(LedgerError) {
    try connection.transaction { () throws(LedgerError) in
      try connection.run("UPDATE hostfence_ledger SET version = version WHERE one = $1", [[.integer(1)]]) { _, _ in }
    }
  }

  /// A database stays where it is, or the connection ends.
  func verifyInPlace() {}
}

// Makes and upgrades the tables of a PostgreSQL ledger.

/// The tables of a ledger in one database.
struct PostgreSQLSchema {
  private let connection: PostgreSQLConnection
  private let migrations: [String]

  init(_ connection: PostgreSQLConnection, _ migrations: [String]) {
    self.connection = connection
    self.migrations = migrations
  }

  /// The version of the ledger, after the missing steps, all or none, were taken where that is wanted.
  func version(upgrading: Bool) throws(LedgerError) -> Int {
    guard upgrading else { return try version() }
    do throws(LedgerError) {
      // Most of the time there is nothing to do, and a role that only writes may not be allowed to make tables.
      let version = try version()
      if version >= migrations.count { return version }
    } catch .missingTables { try makeLock() }
    return try connection.transaction { () throws(LedgerError) in
      let found = try version()
      guard found < migrations.count else { return found }
      for step in migrations[found...] { try connection.execute(step) }
      try connection.run("UPDATE hostfence_ledger SET version = $1", [[SQLValue(migrations.count)]]) { _, _ in }
      return migrations.count
    }
  }

  private func version() throws(LedgerError) -> Int {
    var version = 0
    try connection.run("SELECT version FROM hostfence_ledger WHERE one = $1", [[.integer(1)]]) { _, row in
      version = Int(row.integer(at: 0))
    }
    return version
  }

  /// `CREATE TABLE IF NOT EXISTS` fails, in one way or another, when another session makes the same table meanwhile.
  private func makeLock() throws(LedgerError) {
    for attempt in 1...LedgerLimits.creationAttemptsMax {
      do throws(LedgerError) {
        return try connection.execute(PostgreSQLMigrations.lock)
      } catch {
        guard attempt < LedgerLimits.creationAttemptsMax, case .storage = error else { throw error }
      }
    }
  }
}

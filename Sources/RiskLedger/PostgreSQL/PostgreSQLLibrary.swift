// libpq, which is loaded when the first ledger on PostgreSQL is opened.

internal import CPostgreSQL

/// The client library of PostgreSQL.
enum PostgreSQLLibrary {
  /// Loads it; to be called before anything of it is.
  ///
  /// - Throws: `LedgerError.missingLibrary`.
  static func load() throws(LedgerError) {
    guard let problem = unsafe hostfence_libpq_load() else { return }
    throw .missingLibrary("libpq", reason: unsafe String(cString: problem))
  }
}

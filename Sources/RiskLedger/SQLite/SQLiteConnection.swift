// Owns one connection to an SQLite file.

internal import CSQLite

/// One connection; it is closed when the last reference and the last statement are gone.
///
/// It belongs to one thread at a time (`SQLITE_OPEN_NOMUTEX`), which the compiler sees to: it is not `Sendable`.
@safe
package final class SQLiteConnection {
  private let handle: OpaquePointer
  /// The path as it was given, for errors.
  package let path: String
  /// Statements that were run before, by their text.
  fileprivate var prepared: [String: SQLiteStatement] = [:]

  /// Opens an existing file.
  package init(path: String, access: LedgerURL.Access) throws(LedgerError) {
    // A name in front of which there is a path is never one of SQLite's special names (":memory:", "file:").
    let name = path.hasPrefix("/") ? path : "./\(path)"
    let mode = access == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(name, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    // Even a failed opening leaves a handle, which has the message and is to be closed.
    guard let handle = unsafe opened else { throw LedgerError(sqlite: SQLITE_NOMEM, "out of memory", "", path) }
    unsafe self.handle = handle
    self.path = path
    guard code == SQLITE_OK else { throw error(code) }
    unsafe sqlite3_busy_timeout(handle, LedgerLimits.lockWaitMilliseconds)
    // SQLite opens a file that may only be read without a word.
    if access == .readWrite, unsafe sqlite3_db_readonly(handle, "main") == 1 {
      throw LedgerError(sqlite: SQLITE_READONLY, "attempt to write a readonly database", "", path)
    }
  }

  deinit { unsafe sqlite3_close_v2(handle) }

  /// The absolute path of the file.
  var absolutePath: String {
    guard let name = unsafe sqlite3_db_filename(handle, "main") else { return path }
    return unsafe String(cString: name)
  }

  /// Prepares a statement that is run many times.
  package func prepare(_ sql: String) throws(LedgerError) -> SQLiteStatement {
    // To SQLite $1 is a name, and ?1 a place.
    let sql = sql.replacing("$", with: "?")
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let statement = unsafe prepared else { throw error(code, sql) }
    return unsafe SQLiteStatement(handle: statement, path: path, sql: sql)
  }

  /// Runs statements that return nothing of interest.
  package func execute(_ sql: String) throws(LedgerError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code, sql) }
  }

  /// The first column of the first row as an integer; 0 when there is no row.
  package func integer(_ sql: String) throws(LedgerError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(at: 0) : 0
  }

  /// The first column of the first row as text; empty when there is no row.
  package func text(_ sql: String) throws(LedgerError) -> String {
    let statement = try prepare(sql)
    return try statement.step() ? statement.text(at: 0) ?? "" : ""
  }

  /// Runs `body` in a transaction that has the write lock from the start, and undoes it when `body` throws.
  package func transaction<Result>(_ body: () throws(LedgerError) -> Result) throws(LedgerError) -> Result {
    try execute("BEGIN IMMEDIATE")
    do throws(LedgerError) {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // Some failures end the transaction by themselves, a full disk for one; and the first error is the one to report.
      if unsafe sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// The error for a result code, in the words SQLite has for its latest failure.
  func error(_ code: Int32, _ sql: String = "") -> LedgerError {
    unsafe LedgerError(sqlite: code, String(cString: sqlite3_errmsg(handle)), sql, path)
  }
}

extension SQLiteConnection: SQLConnection {
  var store: String { path }

  func run(
    _ calls: [SQLCall],
    _ row: (_ place: Int, _ row: borrowing SQLiteStatement) throws(LedgerError) -> Void
  ) throws(LedgerError) {
    var last: (sql: String, statement: SQLiteStatement)?
    for (place, call) in calls.enumerated() {
      // Mostly the same again, and then not looked up again.
      let statement = if let last, last.sql == call.sql { last.statement } else { try prepareOnce(call.sql) }
      last = (call.sql, statement)
      defer { statement.reset() }
      try statement.bind(call.values)
      // Also what changes rows is complete only once its result has been read to the end.
      while try statement.step() { try row(place, statement) }
    }
  }

  private func prepareOnce(_ sql: String) throws(LedgerError) -> SQLiteStatement {
    if let statement = prepared[sql] { return statement }
    let statement = try prepare(sql)
    prepared[sql] = statement
    return statement
  }

  func forEachRow(
    _ call: SQLCall,
    _ body: (borrowing SQLiteStatement) throws(LedgerError) -> Bool
  ) throws(LedgerError) {
    // One of its own, as `body` may read as well.
    let statement = try prepare(call.sql)
    try statement.bind(call.values)
    while try statement.step() {
      guard try body(statement) else { return }
    }
  }
}

extension LedgerError {
  /// The error for an SQLite result code, primary or extended.
  init(sqlite code: Int32, _ message: String, _ statement: String, _ path: String) {
    let problem: StorageProblem =
      switch code & 0xFF {
      case SQLITE_FULL: .diskFull
      case SQLITE_READONLY: .readOnly
      case SQLITE_BUSY, SQLITE_LOCKED: .locked
      case SQLITE_CORRUPT: .corrupt
      case SQLITE_NOTADB: .notADatabase
      case SQLITE_CANTOPEN, SQLITE_PERM: .cannotOpen
      case SQLITE_IOERR: .inputOutput
      case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH: .valueRefused
      default: .other
      }
    let failure = StorageFailure(store: path, statement: statement, code: "SQLite \(code)", message: message)
    self = .storage(problem, failure)
  }
}

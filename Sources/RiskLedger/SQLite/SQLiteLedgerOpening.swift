// Opens an SQLite file as a ledger: makes, checks, configures and upgrades it.

internal import CSQLite
internal import Glibc
internal import Threads

/// One opening of a ledger file.
struct SQLiteLedgerOpening {
  let path: String
  let access: LedgerURL.Access
  let migrations: [String]

  /// Opens the file, and upgrades it unless it is opened for reading only.
  func open() throws(LedgerError) -> SQLiteConnection {
    if access == .readWrite { try makeFile() }
    let connection = try SQLiteConnection(path: path, access: access)
    // First of all find out whose file it is: everything after this may write.
    let version = try version(of: connection)
    try connection.execute("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON")
    switch access {
    case .readWrite:
      try useWriteAheadLog(connection)
      try upgrade(connection)
    case .readOnly:
      guard version == migrations.count else {
        throw .olderVersion(store: path, found: version, supported: migrations.count)
      }
    }
    return connection
  }

  /// Makes an empty file that nobody else can read, as SQLite would go by the umask; its log gets the same mode.
  private func makeFile() throws(LedgerError) {
    // An existing file is not opened here: closing it would drop the locks of this process' other connections.
    let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor < 0 else {
      close(descriptor)
      return
    }
    let reason = errno
    switch reason {
    case EEXIST: return
    case ENOENT, ENOTDIR: throw .missingDirectory(path: path)
    case ENOSPC, EDQUOT: throw LedgerError(sqlite: SQLITE_FULL, SystemError.text(reason), "", path)
    case EROFS: throw LedgerError(sqlite: SQLITE_READONLY, SystemError.text(reason), "", path)
    default: throw LedgerError(sqlite: SQLITE_CANTOPEN, SystemError.text(reason), "", path)
    }
  }

  /// The version of a ledger; 0 for an empty file.
  private func version(of connection: SQLiteConnection) throws(LedgerError) -> Int {
    // Each is read by itself, and another process may make the ledger, all at once, between two of them. In this order a
    // table that was seen has our mark behind it.
    let tables = try connection.integer("SELECT count(*) FROM sqlite_schema")
    let version = Int(try connection.integer("PRAGMA user_version"))
    let isOurs = try connection.integer("PRAGMA application_id") == SQLiteMigrations.applicationID
    guard isOurs || (version == 0 && tables == 0) else { throw .foreignDatabase(path: path) }
    guard version <= migrations.count else {
      throw .newerVersion(store: path, found: version, supported: migrations.count)
    }
    return version
  }

  private func useWriteAheadLog(_ connection: SQLiteConnection) throws(LedgerError) {
    try switchToWriteAheadLog(connection)
    try connection.execute(
      """
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = \(LedgerLimits.writeAheadLogBytesMax)
      """
    )
  }

  /// Switches the file over, unless that was done before.
  ///
  /// For this one statement SQLite does not wait for others by itself (it would wait while it holds a lock they wait for),
  /// so of several processes that open a new file together all but one are told that it is locked.
  private func switchToWriteAheadLog(_ connection: SQLiteConnection) throws(LedgerError) {
    let deadline = MonotonicClock.milliseconds() + Int(LedgerLimits.lockWaitMilliseconds)
    while true {
      do throws(LedgerError) {
        guard try connection.text("PRAGMA journal_mode = WAL") == "wal" else { throw .noWriteAheadLog(path: path) }
        return
      } catch {
        guard case .storage(.locked, _) = error, MonotonicClock.milliseconds() < deadline else { throw error }
      }
      usleep(10_000)
    }
  }

  /// Takes the missing steps, all or none; the version is read again under the lock, as another process may be first.
  private func upgrade(_ connection: SQLiteConnection) throws(LedgerError) {
    guard try version(of: connection) < migrations.count else { return }
    try connection.transaction { () throws(LedgerError) in
      for step in try version(of: connection)..<migrations.count {
        try connection.execute(migrations[step])
        try connection.execute("PRAGMA user_version = \(step + 1)")
      }
      try connection.execute("PRAGMA application_id = \(SQLiteMigrations.applicationID)")
    }
  }
}

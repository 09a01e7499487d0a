// Owns one connection to PostgreSQL, every wait on which ends.

internal import CPostgreSQL
internal import Glibc
internal import Threads

/// One connection; a broken one is dropped, and a ledger opened anew.
@safe
final class PostgreSQLConnection {
  private let handle: OpaquePointer
  let store: String
  /// Milliseconds in which the server has to send the next result.
  private let replyMilliseconds: Int
  /// The names under which the server has statements, by their text.
  private var names: [String: String] = [:]

  /// Connects.
  ///
  /// - Throws: `LedgerError`; nothing of it is a password.
  init(_ address: PostgreSQLAddress, access: LedgerURL.Access) throws(LedgerError) {
    store = address.description
    replyMilliseconds = access == .readOnly ? LedgerLimits.reportMilliseconds : LedgerLimits.replyMilliseconds
    try PostgreSQLLibrary.load()
    let parameters = try address.parameters(access)
    let connected = unsafe Self.withCStrings(parameters.map(\.name)) { names in
      unsafe Self.withCStrings(parameters.map(\.value)) { values in
        unsafe PQconnectdbParams(names.baseAddress, values.baseAddress, 0)
      }
    }
    guard let handle = unsafe connected else {
      throw LedgerError(state: "", "out of memory", "", address.description)
    }
    unsafe self.handle = handle
    guard unsafe PQstatus(handle) == CONNECTION_OK else { throw error() }
    unsafe hostfence_pq_silence(handle)
    unsafe _ = PQsetnonblocking(handle, 1)
    try configure(access)
  }

  deinit { unsafe PQfinish(handle) }

  private func configure(_ access: LedgerURL.Access) throws(LedgerError) {
    // A report may take as long as its reader does; the server counts that, too.
    let statementMilliseconds = access == .readOnly ? 0 : replyMilliseconds
    try execute(
      """
      SET statement_timeout = \(statementMilliseconds); SET lock_timeout = \(LedgerLimits.lockWaitMilliseconds)
      """
    )
    // The server's own socket: whoever vanished without a word must not keep a session for hours.
    try setIfKnown("tcp_keepalives_idle", LedgerLimits.keepaliveIdleSeconds)
    try setIfKnown("tcp_keepalives_interval", LedgerLimits.keepaliveIntervalSeconds)
    try setIfKnown("tcp_keepalives_count", LedgerLimits.keepalivesMax)
    switch access {
    case .readOnly: try execute("SET default_transaction_read_only = on")
    case .readWrite:
      // Whoever is in the middle of a transaction has the lock that all other writers wait for.
      try setIfKnown("idle_in_transaction_session_timeout", LedgerLimits.idleTransactionMilliseconds)
      try setIfKnown("tcp_user_timeout", LedgerLimits.replyMilliseconds)
      // With `off` the server confirms commits that a crash would lose; stricter settings than `on` stay.
      try execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
      )
    }
  }

  /// Sets a parameter of the session, which not all databases that speak PostgreSQL's protocol have, or let be set.
  func setIfKnown(_ parameter: String, _ value: Int) throws(LedgerError) {
    do throws(LedgerError) { try execute("SET \(parameter) = \(value)") } catch {
      guard error.isUnknownParameter else { throw error }
    }
  }

  /// Runs statements without values that return nothing of interest.
  func execute(_ sql: String) throws(LedgerError) {
    try require(unsafe PQsendQuery(handle, sql), sql)
    try readResults(sql) { _ in }
  }

  private static func withCStrings<Result>(
    _ texts: [String],
    _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = unsafe texts.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    let pointers = unsafe copies.map { unsafe UnsafePointer($0) } + [nil]
    return unsafe pointers.withUnsafeBufferPointer(body)
  }
}

// MARK: - Statements

extension PostgreSQLConnection: SQLConnection {
  func transaction<Result>(_ body: () throws(LedgerError) -> Result) throws(LedgerError) -> Result {
    var attempts = 1
    while true {
      do throws(LedgerError) { return try attempt(body) } catch {
        guard attempts < error.transactionAttemptsMax else { throw error }
        attempts += 1
      }
    }
  }

  private func attempt<Result>(_ body: () throws(LedgerError) -> Result) throws(LedgerError) -> Result {
    do throws(LedgerError) {
      // The one row is the lock: all portable databases lock rows, and few have advisory locks.
      // What others committed while it was waited for must be seen, whatever isolation a role or a database has by default.
      try execute(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT version FROM hostfence_ledger WHERE one = 1 FOR UPDATE"
      )
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      try? execute("ROLLBACK")
      throw error
    }
  }

  func run(
    _ calls: [SQLCall],
    _ row: (_ place: Int, _ row: borrowing PostgreSQLResult) throws(LedgerError) -> Void
  ) throws(LedgerError) {
    var place = 0
    while place < calls.count {
      let end = min(place + LedgerLimits.pipelinedStatementsMax, calls.count)
      try pipeline(calls[place..<end], row)
      place = end
    }
  }

  private func pipeline(
    _ calls: ArraySlice<SQLCall>,
    _ row: (_ place: Int, _ row: borrowing PostgreSQLResult) throws(LedgerError) -> Void
  ) throws(LedgerError) {
    guard let first = calls.first else { return }
    // Before the pipeline, in which nothing can be prepared.
    var names: [String] = []
    var last = first
    for call in calls {
      // Mostly the same again, and then not looked up again.
      let name = if let name = names.last, call.sql == last.sql { name } else { try prepare(call.sql, call.values) }
      names.append(name)
      last = call
    }
    try require(unsafe PQenterPipelineMode(handle), first.sql)
    for (call, name) in zip(calls, names) { try send(name, call.values, call.sql) }
    try require(unsafe PQpipelineSync(handle), first.sql)
    var failure: LedgerError?
    for place in calls.indices {
      let sql = calls[place].sql
      // The results of each statement end with nil.
      while let result = try nextResult(sql) {
        if failure == nil { failure = problem(of: result, sql) }
        guard failure == nil else { continue }
        do throws(LedgerError) {
          for number in 0..<result.rowCount {
            result.row = number
            try row(place, result)
          }
        } catch { failure = error }
      }
    }
    // The mark of the synchronisation, which has no nil behind it.
    _ = try nextResult(first.sql)
    try require(unsafe PQexitPipelineMode(handle), first.sql)
    if let failure { throw failure }
  }

  func forEachRow(
    _ call: SQLCall,
    _ body: (borrowing PostgreSQLResult) throws(LedgerError) -> Bool
  ) throws(LedgerError) {
    let sql = call.sql
    try send(try prepare(sql, call.values), call.values, sql)
    try require(unsafe PQsetSingleRowMode(handle), sql)
    var failure: LedgerError?
    var isOver = false
    while let result = try nextResult(sql) {
      if isOver { continue }
      failure = problem(of: result, sql)
      isOver = failure != nil
      guard !isOver, result.rowCount > 0 else { continue }
      do throws(LedgerError) { isOver = try !body(result) } catch {
        failure = error
        isOver = true
      }
      if isOver { cancel() }
    }
    if let failure { throw failure }
  }

  /// Tells the server that nobody wants the rest; what it has sent is still to be read.
  private func cancel() {
    guard let cancel = unsafe PQgetCancel(handle) else { return }
    var text = [CChar](repeating: 0, count: 256)
    unsafe _ = PQcancel(cancel, &text, Int32(text.count))
    unsafe PQfreeCancel(cancel)
  }

  /// The name of a statement that the server knows.
  private func prepare(_ sql: String, _ values: [SQLValue]) throws(LedgerError) -> String {
    if let name = names[sql] { return name }
    let name = "hostfence_\(names.count)"
    // int8 and text, by their numbers in pg_type.
    let types = values.map { value -> Oid in if case .integer = value { 20 } else { 25 } }
    try require(unsafe PQsendPrepare(handle, name, sql, Int32(types.count), types), sql)
    try readResults(sql) { _ in }
    names[sql] = name
    return name
  }

  private func send(_ name: String, _ values: [SQLValue], _ sql: String) throws(LedgerError) {
    let texts = values.map { value -> [UInt8]? in
      switch value {
      case .integer(let integer): Array("\(integer)".utf8) + [0]
      case .text(let text): PostgreSQLText.encode(text)
      case .utf8(let bytes): bytes + [0]
      case .null: nil
      }
    }
    let all = texts.flatMap { $0 ?? [] }
    let sent = unsafe all.withUnsafeBytes { bytes in
      var offset = 0
      let pointers = unsafe texts.map { text -> UnsafePointer<CChar>? in
        guard let text else { return nil }
        defer { offset += text.count }
        return unsafe bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
      }
      return unsafe PQsendQueryPrepared(handle, name, Int32(values.count), pointers, nil, nil, 0)
    }
    try require(sent, sql)
  }
}

// MARK: - Results

extension PostgreSQLConnection {
  /// Reads the results of what was sent, to the end.
  private func readResults(_ sql: String, _ body: (PostgreSQLResult) -> Void) throws(LedgerError) {
    var failure: LedgerError?
    while let result = try nextResult(sql) {
      if failure == nil { failure = problem(of: result, sql) }
      if failure == nil { body(result) }
    }
    if let failure { throw failure }
  }

  /// The next result; nil at the end of a statement's.
  private func nextResult(_ sql: String) throws(LedgerError) -> PostgreSQLResult? {
    let deadline = MonotonicClock.milliseconds() + replyMilliseconds + LedgerLimits.replyGraceMilliseconds
    while true {
      let unsent = unsafe PQflush(handle)
      guard unsent >= 0 else { throw error(sql) }
      if unsent == 0, unsafe PQisBusy(handle) == 0 { break }
      var descriptor = unsafe pollfd(
        fd: PQsocket(handle),
        events: Int16(POLLIN) | (unsent == 1 ? Int16(POLLOUT) : 0),
        revents: 0
      )
      let left = deadline - MonotonicClock.milliseconds()
      guard left > 0, unsafe poll(&descriptor, 1, Int32(left)) != 0 else {
        throw LedgerError(state: "", "no answer within \(replyMilliseconds / 1_000) s", sql, store)
      }
      if descriptor.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, unsafe PQconsumeInput(handle) == 0 {
        throw error(sql)
      }
    }
    return unsafe PQgetResult(handle).map { unsafe PostgreSQLResult(handle: $0) }
  }

  private func problem(of result: PostgreSQLResult, _ sql: String) -> LedgerError? {
    switch result.status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY, PGRES_PIPELINE_SYNC: nil
    default: LedgerError(state: result.state, result.message, sql, store)
    }
  }

  private func require(_ code: Int32, _ sql: String) throws(LedgerError) {
    guard code == 1 else { throw error(sql) }
  }

  /// The error of the connection itself.
  private func error(_ sql: String = "") -> LedgerError {
    let text = unsafe PQerrorMessage(handle).map { unsafe String(cString: $0) } ?? ""
    let lines = text.split(separator: "\n").map { $0.trimmingPrefix { $0.isWhitespace } }
    return LedgerError(state: "", lines.joined(separator: "; "), sql, store)
  }
}

extension LedgerError {
  /// How often a transaction that ends with this is tried in all.
  ///
  /// Some databases that speak PostgreSQL's protocol ask for a second attempt when two writers met; and whoever imports over
  /// a slow link holds the lock for longer than one wait.
  fileprivate var transactionAttemptsMax: Int {
    if hasState("40001", "40P01") { return LedgerLimits.transactionAttemptsMax }
    return hasState("55P03") ? LedgerLimits.lockAttemptsMax : 1
  }

  /// Whether the database does not have a parameter, does not support it, or does not let it be set.
  fileprivate var isUnknownParameter: Bool { hasState("42704", "0A000", "55P02") }

  private func hasState(_ states: String...) -> Bool {
    guard case .storage(_, let failure) = self else { return false }
    return states.contains { failure.code == "SQLSTATE \($0)" }
  }

  /// The error for an SQLSTATE (PostgreSQL, Error Codes); empty where the connection itself failed.
  fileprivate init(state: String, _ message: String, _ statement: String, _ store: String) {
    if state == "42P01" {
      self = .missingTables(store: store)
      return
    }
    let problem: StorageProblem =
      switch (state.prefix(2), state) {
      case (_, "57014"): .tooSlow
      // The server has ended the session: it was idle in a transaction, or the transaction took too long.
      case (_, "25P03"), (_, "25P04"): .unreachable
      case (_, "42501"), ("28", _), ("3D", _): .notAllowed
      case (_, "53100"): .diskFull
      case (_, "XX001"), (_, "XX002"): .corrupt
      case ("", _), ("08", _), ("53", _), ("57", _): .unreachable
      case ("25", _): .readOnly
      case ("55", _), ("40", _): .locked
      case ("22", _), ("23", _), ("54", _): .valueRefused
      case ("58", _): .inputOutput
      default: .other
      }
    let code = state.isEmpty ? "libpq" : "SQLSTATE \(state)"
    self = .storage(problem, StorageFailure(store: store, statement: statement, code: code, message: message))
  }
}

// Owns one prepared statement.

internal import CSQLite

/// One prepared statement, to be bound, stepped and reset again and again.
@safe
package final class SQLiteStatement {
  private let handle: OpaquePointer
  private let path: String
  private let sql: String

  /// - Parameter path: the ledger's, for errors.
  init(handle: OpaquePointer, path: String, sql: String) {
    unsafe self.handle = handle
    self.path = path
    self.sql = sql
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Binds values to the placeholders in their order.
  func bind(_ values: [SQLValue]) throws(LedgerError) {
    for (offset, value) in values.enumerated() { try bind(value, at: Int32(offset + 1)) }
  }

  private func bind(_ value: SQLValue, at index: Int32) throws(LedgerError) {
    switch value {
    case .integer(let integer): try check(unsafe sqlite3_bind_int64(handle, index, integer))
    case .null: try check(unsafe sqlite3_bind_null(handle, index))
    case .utf8(let bytes): try bind(bytes.span, at: index)
    case .text(let text): try bind(text.utf8.span, at: index)
    }
  }

  private func bind(_ text: Span<UInt8>, at index: Int32) throws(LedgerError) {
    let code = unsafe text.withUnsafeBytes { bytes in
      let characters = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      return unsafe hostfence_sqlite_bind_text(handle, index, characters, UInt64(bytes.count))
    }
    try check(code)
  }

  /// Goes to the next row; false behind the last.
  package func step() throws(LedgerError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw error(code)
    }
  }

  /// Makes the statement ready to run again and lets go of its rows; to be called after every use.
  package func reset() {
    // The code repeats the failure of the last step, which has been reported.
    _ = unsafe sqlite3_reset(handle)
  }

  private func check(_ code: Int32) throws(LedgerError) {
    guard code == SQLITE_OK else { throw error(code) }
  }

  private func error(_ code: Int32) -> LedgerError {
    unsafe LedgerError(sqlite: code, String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))), sql, path)
  }
}

extension SQLiteStatement: SQLRow {
  func integer(at column: Int) -> Int64 { unsafe sqlite3_column_int64(handle, Int32(column)) }

  func text(at column: Int) -> String? {
    guard unsafe sqlite3_column_type(handle, Int32(column)) != SQLITE_NULL else { return nil }
    return String(decoding: utf8(at: column, spareBytes: 0), as: UTF8.self)
  }

  func utf8(at column: Int, spareBytes: Int) -> [UInt8] {
    guard let text = unsafe sqlite3_column_text(handle, Int32(column)) else { return [] }
    let count = unsafe Int(sqlite3_column_bytes(handle, Int32(column)))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + spareBytes)
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text, count: count))
    return bytes
  }
}

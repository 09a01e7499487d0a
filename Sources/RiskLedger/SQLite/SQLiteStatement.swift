// Owns one prepared statement.

internal import CSQLite

/// One prepared statement, to be bound, stepped and reset again and again.
@safe
package final class SQLiteStatement {
  private let handle: OpaquePointer
  private let connection: SQLiteConnection
  private let sql: String

  init(handle: OpaquePointer, connection: SQLiteConnection, sql: String) {
    unsafe self.handle = handle
    self.connection = connection
    self.sql = sql
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Binds an integer to the placeholder at `index`, counted from 1.
  package func bind(_ integer: Int64, at index: Int32) throws(LedgerError) {
    try check(unsafe sqlite3_bind_int64(handle, index, integer))
  }

  /// Binds text, or NULL, to the placeholder at `index`, counted from 1.
  package func bind(_ text: String?, at index: Int32) throws(LedgerError) {
    guard let text else { return try check(unsafe sqlite3_bind_null(handle, index)) }
    var copy = text
    let code = copy.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
        unsafe hostfence_sqlite_bind_text(handle, index, characters.baseAddress, UInt64(characters.count))
      }
    }
    try check(code)
  }

  /// Binds text given as UTF-8 bytes to the placeholder at `index`, counted from 1.
  package func bind(utf8: [UInt8], at index: Int32) throws(LedgerError) {
    let code = unsafe utf8.withUnsafeBytes { bytes in
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
    case let code: throw connection.error(code, sql)
    }
  }

  /// Makes the statement ready to run again and lets go of its rows; to be called after every use.
  package func reset() {
    // The code repeats the failure of the last step, which has been reported.
    _ = unsafe sqlite3_reset(handle)
  }

  /// A column of the current row as an integer, counted from 0.
  package func integer(at column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

  /// A column of the current row as text, counted from 0; empty for NULL.
  package func text(at column: Int32) -> String { String(decoding: utf8(at: column), as: UTF8.self) }

  /// A copy of the UTF-8 of a column of the current row, with spare room for a parser that reads ahead.
  package func utf8(at column: Int32, spareBytes: Int = 0) -> [UInt8] {
    guard let text = unsafe sqlite3_column_text(handle, column) else { return [] }
    let count = unsafe Int(sqlite3_column_bytes(handle, column))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + spareBytes)
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text, count: count))
    return bytes
  }

  private func check(_ code: Int32) throws(LedgerError) {
    guard code == SQLITE_OK else { throw connection.error(code, sql) }
  }
}

// What the ledger's statements need of a database, so that each is written once.

/// A value for a placeholder of a statement.
enum SQLValue: Sendable, Equatable {
  case integer(Int64)
  case text(String)
  /// Text that is UTF-8 already.
  case utf8([UInt8])
  case null

  init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }
  init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
  init(_ integer: Int) { self = .integer(Int64(integer)) }
}

/// A statement with values for its placeholders.
struct SQLCall {
  let sql: String
  let values: [SQLValue]
}

/// The row at hand; columns are counted from 0.
protocol SQLRow {
  /// 0 for NULL.
  func integer(at column: Int) -> Int64
  /// Nil for NULL.
  func text(at column: Int) -> String?
  /// A copy of a text's UTF-8, with spare room for a parser that reads ahead; empty for NULL.
  func utf8(at column: Int, spareBytes: Int) -> [UInt8]
}

/// One connection to a database.
///
/// Statements are written in the SQL that SQLite and PostgreSQL share, with placeholders `$1`, `$2` and so on.
protocol SQLConnection: AnyObject {
  associatedtype Row: SQLRow

  /// The file or the server, for errors; never a password.
  var store: String { get }

  /// Runs `body` in a transaction during which nobody else writes to the ledger, and undoes it when `body` throws.
  func transaction<Result>(_ body: () throws(LedgerError) -> Result) throws(LedgerError) -> Result

  /// Runs statements in their order, in as few trips to the database as possible.
  ///
  /// - Parameter row: gets each row with the place of its statement.
  func run(
    _ calls: [SQLCall],
    _ row: (_ place: Int, _ row: borrowing Row) throws(LedgerError) -> Void
  ) throws(LedgerError)

  /// Hands over the rows of a statement one at a time, of one snapshot, until `body` returns false.
  func forEachRow(
    _ call: SQLCall,
    _ body: (borrowing Row) throws(LedgerError) -> Bool
  ) throws(LedgerError)
}

extension SQLConnection {
  /// Runs a statement once for each list of values, as above.
  func run(
    _ sql: String,
    _ lists: [[SQLValue]],
    _ row: (_ place: Int, _ row: borrowing Row) throws(LedgerError) -> Void
  ) throws(LedgerError) {
    try run(lists.map { SQLCall(sql: sql, values: $0) }, row)
  }
}

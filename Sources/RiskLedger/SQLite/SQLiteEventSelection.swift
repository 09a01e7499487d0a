// From a query to a statement.

internal import Evaluation

/// The statement that selects `id, counted, event` of the events a query matches.
struct SQLiteEventSelection {
  private enum Value {
    case integer(Int64)
    case text(String)
  }

  private var conditions: [String] = []
  private var values: [Value] = []
  private var ending = "ORDER BY time_us, id"

  init(_ query: RiskEventQuery) {
    if let since = query.since { require("time_us >= ?", .integer(since.microseconds)) }
    if let until = query.until { require("time_us < ?", .integer(until.microseconds)) }
    if let riskObject = query.riskObject { require("risk_object = ?", .text(riskObject)) }
    if let namespace = query.namespace { require("namespace = ?", .text(namespace)) }
    if let decision = query.decision { require("decision = ?", .text(decision.rawValue)) }
    if let limit = query.limit {
      ending += " LIMIT ?"
      // A negative LIMIT means none to SQLite and is an error to PostgreSQL.
      values.append(.integer(Int64(max(0, limit))))
    }
  }

  func prepare(on connection: SQLiteConnection) throws(LedgerError) -> SQLiteStatement {
    let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND ")) "
    let statement = try connection.prepare("SELECT id, counted, event FROM risk_event \(filter)\(ending)")
    for (offset, value) in values.enumerated() {
      let index = Int32(offset + 1)
      switch value {
      case .integer(let integer): try statement.bind(integer, at: index)
      case .text(let text): try statement.bind(text, at: index)
      }
    }
    return statement
  }

  private mutating func require(_ condition: String, _ value: Value) {
    conditions.append(condition)
    values.append(value)
  }
}

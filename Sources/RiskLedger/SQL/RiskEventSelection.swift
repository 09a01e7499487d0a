// From a query to a statement.

internal import Evaluation

/// The statement that selects `RiskEventSQL.columns` of the events a query matches.
struct RiskEventSelection {
  private var conditions: [String] = []
  private(set) var values: [SQLValue] = []
  private var limit = ""
  private let order: String

  init(_ query: RiskEventQuery) {
    order =
      switch query.order {
      case .earliestFirst: "time_us, id"
      case .latestFirst: "time_us DESC, id DESC"
      case .recorded: "sequence"
      }
    if let since = query.since { require("time_us >=", .integer(since.microseconds)) }
    if let until = query.until { require("time_us <", .integer(until.microseconds)) }
    if let riskObject = query.riskObject { require("risk_object =", RiskEventSQL.key(riskObject)) }
    if let namespace = query.namespace { require("namespace =", .text(namespace)) }
    if let decision = query.decision { require("decision =", .text(decision.rawValue)) }
    if let counted = query.counted { require("counted =", SQLValue(counted)) }
    if let most = query.limit {
      // A negative LIMIT means none to SQLite and is an error to PostgreSQL.
      values.append(SQLValue(max(0, most)))
      limit = " LIMIT $\(values.count)"
    }
  }

  var sql: String {
    let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND ")) "
    return "SELECT \(RiskEventSQL.columns) FROM risk_event \(filter)ORDER BY \(order)\(limit)"
  }

  private mutating func require(_ condition: String, _ value: SQLValue) {
    values.append(value)
    conditions.append("\(condition) $\(values.count)")
  }
}

// From a query to a statement.

internal import Evaluation

/// The statement that selects `RiskEventSQL.columns` of the events a query matches.
struct RiskEventSelection {
  private var filter: SQLFilter
  private var limit = ""
  private let order: String

  init(_ query: RiskEventQuery) {
    order =
      switch query.order {
      case .earliestFirst: "time_us, id"
      case .latestFirst: "time_us DESC, id DESC"
      case .recorded: "sequence"
      }
    filter = SQLFilter(query.period)
    if let decision = query.decision { filter.require("decision =", .text(decision.rawValue)) }
    if let counted = query.counted { filter.require("counted =", SQLValue(counted)) }
    // A negative LIMIT means none to SQLite and is an error to PostgreSQL.
    if let most = query.limit { limit = "LIMIT \(filter.placeholder(for: SQLValue(max(0, most))))" }
  }

  var call: SQLCall {
    filter.call("SELECT \(RiskEventSQL.columns) FROM risk_event \(filter.clause()) ORDER BY \(order) \(limit)")
  }
}

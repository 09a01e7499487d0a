// The conditions of a statement on events, and the values of their placeholders.

internal import Evaluation

/// Conditions of which all must hold.
struct SQLFilter {
  private var conditions: [String] = []
  private(set) var values: [SQLValue] = []

  /// The conditions of a period.
  init(_ period: RiskPeriod) {
    if let since = period.since { require("time_us >=", .integer(since.microseconds)) }
    if let until = period.until { require("time_us <", .integer(until.microseconds)) }
    if let riskObject = period.riskObject { require("risk_object =", RiskEventSQL.key(riskObject)) }
    if let namespace = period.namespace { require("namespace =", RiskEventSQL.key(namespace)) }
  }

  /// Adds a condition, which ends with its operator.
  mutating func require(_ condition: String, _ value: SQLValue) {
    conditions.append("\(condition) \(placeholder(for: value))")
  }

  /// Adds a value that is no condition, and gives its placeholder.
  mutating func placeholder(for value: SQLValue) -> String {
    values.append(value)
    return "$\(values.count)"
  }

  /// A statement with the values.
  func call(_ sql: String) -> SQLCall { SQLCall(sql: sql, values: values) }

  /// `WHERE` and the conditions, with further ones; empty without any.
  func clause(_ more: String...) -> String {
    let all = conditions + more
    return all.isEmpty ? "" : "WHERE \(all.joined(separator: " AND "))"
  }
}

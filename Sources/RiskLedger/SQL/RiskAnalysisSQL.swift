// The statements that sum up the table of risk events, in the SQL that SQLite and PostgreSQL share.

internal import Evaluation

/// Statements about a period, and their values.
struct RiskAnalysisSQL {
  private var conditions: [String] = []
  private(set) var values: [SQLValue] = []

  init(_ period: RiskPeriod) {
    if let since = period.since { require("time_us >=", .integer(since.microseconds)) }
    if let until = period.until { require("time_us <", .integer(until.microseconds)) }
    if let riskObject = period.riskObject { require("risk_object =", RiskEventSQL.key(riskObject)) }
    if let namespace = period.namespace { require("namespace =", .text(namespace)) }
  }

  private mutating func require(_ condition: String, _ value: SQLValue) {
    values.append(value)
    conditions.append("\(condition) $\(values.count)")
  }

  private func filter(_ more: String...) -> String {
    let all = conditions + more
    return all.isEmpty ? "" : "WHERE \(all.joined(separator: " AND "))"
  }

  /// A further value, and its placeholder.
  private func adding(_ value: Int) -> (values: [SQLValue], placeholder: String) {
    (values + [SQLValue(value)], "$\(values.count + 1)")
  }

  private static let score = "SUM(CASE WHEN counted = 1 THEN risk_score ELSE 0 END)"

  /// `risk_object, risk_object_type, score, counted, events, first, last`, by score.
  func riskObjects(limit: Int) -> (sql: String, values: [SQLValue]) {
    let (values, place) = adding(limit)
    let sql = """
      SELECT
        risk_object, MIN(risk_object_type), \(Self.score) AS score, SUM(counted), COUNT(*) AS events, MIN(time_us),
        MAX(time_us)
      FROM risk_event \(filter()) GROUP BY risk_object ORDER BY score DESC, events DESC, risk_object LIMIT \(place)
      """
    return (sql, values)
  }

  /// `risk_object, namespace`, each pair once, of the risk objects that `riskObjects` finds.
  func namespacesOfObjects(limit: Int) -> (sql: String, values: [SQLValue]) {
    let (values, place) = adding(limit)
    let sql = """
      SELECT DISTINCT risk_object, namespace FROM risk_event \(filter("""
        risk_object IN (
          SELECT risk_object FROM (
            SELECT risk_object, \(Self.score) AS score, COUNT(*) AS events FROM risk_event \(filter())
            GROUP BY risk_object ORDER BY score DESC, events DESC, risk_object LIMIT \(place)
          ) AS top
        )
        """)) ORDER BY risk_object, namespace
      """
    return (sql, values)
  }

  /// `namespace, decision, score, counted, events`.
  var namespaces: String {
    """
    SELECT namespace, decision, \(Self.score), SUM(counted), COUNT(*) FROM risk_event \(filter())
    GROUP BY namespace, decision ORDER BY namespace
    """
  }

  /// `namespace, events`.
  var evidence: String {
    "SELECT namespace, COUNT(*) FROM risk_event \(filter()) GROUP BY namespace ORDER BY namespace"
  }

  /// `bucket, decision, score, events`; buckets of so many microseconds since the epoch.
  func timeline(bucketMicroseconds: Int64) -> (sql: String, values: [SQLValue]) {
    let (values, place) = adding(Int(bucketMicroseconds))
    let sql = """
      SELECT bucket, decision, SUM(score), COUNT(*) FROM (
        SELECT time_us / \(place) AS bucket, decision, CASE WHEN counted = 1 THEN risk_score ELSE 0 END AS score
        FROM risk_event \(filter())
      ) AS event GROUP BY bucket, decision ORDER BY bucket
      """
    return (sql, values)
  }

  /// `first, last, riskObjects`.
  var extent: String { "SELECT MIN(time_us), MAX(time_us), COUNT(DISTINCT risk_object) FROM risk_event \(filter())" }

  /// `risk_object, risk_object_type, time_us, risk_score, id` of all charges, in any order.
  ///
  /// SQLite reads the index that has all of it only where the index's first column is limited; every time is that old.
  var charges: String {
    let beginning = "time_us >= \(LedgerLimits.timeMicroseconds.lowerBound)"
    return
      "SELECT risk_object, risk_object_type, time_us, risk_score, id FROM risk_event \(filter("counted = 1", beginning))"
  }
}

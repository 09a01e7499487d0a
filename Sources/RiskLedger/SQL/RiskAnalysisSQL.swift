// The statements that sum up the table of risk events, in the SQL that SQLite and PostgreSQL share.

internal import Evaluation

/// Statements about a period, and their values.
struct RiskAnalysisSQL {
  private let filter: SQLFilter

  init(_ period: RiskPeriod) { filter = SQLFilter(period) }

  /// The conditions with a further value, and its placeholder.
  private func adding(_ value: Int) -> (filter: SQLFilter, placeholder: String) {
    var filter = filter
    let placeholder = filter.placeholder(for: SQLValue(value))
    return (filter, placeholder)
  }

  private static let score = "SUM(CASE WHEN counted = 1 THEN risk_score ELSE 0 END)"

  /// `risk_object, risk_object_type, score, counted, events, first, last`, by score.
  func riskObjects(limit: Int) -> SQLCall {
    let (filter, place) = adding(limit)
    return filter.call(
      """
      SELECT
        risk_object, MIN(risk_object_type), \(Self.score) AS score, SUM(counted), COUNT(*) AS events, MIN(time_us),
        MAX(time_us)
      FROM risk_event \(filter.clause()) GROUP BY risk_object ORDER BY score DESC, events DESC, risk_object LIMIT \(place)
      """
    )
  }

  /// `risk_object, namespace`, each pair once, of the risk objects that `riskObjects` finds.
  func namespacesOfObjects(limit: Int) -> SQLCall {
    let (filter, place) = adding(limit)
    return filter.call(
      """
      SELECT DISTINCT risk_object, namespace FROM risk_event \(filter.clause("""
        risk_object IN (
          SELECT risk_object FROM (
            SELECT risk_object, \(Self.score) AS score, COUNT(*) AS events FROM risk_event \(filter.clause())
            GROUP BY risk_object ORDER BY score DESC, events DESC, risk_object LIMIT \(place)
          ) AS top
        )
        """)) ORDER BY risk_object, namespace
      """
    )
  }

  /// `namespace, decision, score, counted, events`.
  var namespaces: SQLCall {
    filter.call(
      """
      SELECT namespace, decision, \(Self.score), SUM(counted), COUNT(*) FROM risk_event \(filter.clause())
      GROUP BY namespace, decision ORDER BY namespace
      """
    )
  }

  /// `bucket, decision, score, events`; a bucket is where it begins, as `Timestamp.rounded` has it.
  ///
  /// Without a division, of which CockroachDB makes a decimal. A remainder is as negative as what it is of.
  func timeline(bucketMicroseconds: Int64) -> SQLCall {
    let (filter, width) = adding(Int(bucketMicroseconds))
    return filter.call(
      """
      SELECT bucket, decision, SUM(score), COUNT(*) FROM (
        SELECT
          time_us - (time_us % \(width) + \(width)) % \(width) AS bucket, decision,
          CASE WHEN counted = 1 THEN risk_score ELSE 0 END AS score
        FROM risk_event \(filter.clause())
      ) AS event GROUP BY bucket, decision ORDER BY bucket
      """
    )
  }

  /// `first, last, riskObjects`.
  var extent: SQLCall {
    filter.call("SELECT MIN(time_us), MAX(time_us), COUNT(DISTINCT risk_object) FROM risk_event \(filter.clause())")
  }

  /// `risk_object, risk_object_type, time_us, risk_score, id` of the charges of risk objects whose sum is above a score, by
  /// risk object, time and id.
  ///
  /// One index has all of it. SQLite reads it only where its first column is limited, and every time is that old; and only
  /// where none has the order that is asked for, as none has of an expression.
  func charges(above score: Int) -> SQLCall {
    let (filter, place) = adding(score)
    let beginning = "time_us >= \(LedgerLimits.timeMicroseconds.lowerBound)"
    return filter.call(
      """
      SELECT risk_object, risk_object_type, time_us, risk_score, id FROM risk_event
      \(filter.clause("counted = 1", beginning, """
        risk_object || '' IN (
          SELECT risk_object || '' FROM risk_event \(filter.clause("counted = 1", beginning))
          GROUP BY risk_object || '' HAVING SUM(risk_score) > \(place)
        )
        """))
      ORDER BY risk_object || '', time_us + 0, id || ''
      """
    )
  }
}

// The statements that read the evidence of an incident, in the SQL that SQLite and PostgreSQL share.

internal import Evaluation

/// Statements about one incident, and their values.
///
/// All of them go by the index on risk object and time: a page asks for many incidents of a ledger of any size.
struct RiskEvidenceSQL {
  /// What evidence is made of, in the order in which it is wanted: charges say why, and a limit must not cut them off.
  enum Part: CaseIterable {
    case charges
    /// What else there was from the first charge to the last.
    case others
    /// What was derived from a charge, and came after the last one.
    case derivedLater
  }

  private let filter: SQLFilter
  /// From the first charge to the last.
  private let isWithin: String
  /// After the last charge.
  private let isAfter: String
  /// The first moment after that: a window later, or the end of what was asked for.
  private let end: Timestamp

  init(_ incident: RiskIncident) {
    var filter = SQLFilter(RiskPeriod(riskObject: incident.riskObject, namespace: incident.period.namespace))
    let first = filter.placeholder(for: .integer(incident.since.microseconds))
    let last = filter.placeholder(for: .integer(incident.until.microseconds))
    isWithin = "time_us >= \(first) AND time_us <= \(last)"
    isAfter = "time_us > \(last)"
    self.filter = filter
    let windowEnd = incident.until.adding(seconds: incident.threshold.windowSeconds)
    let end = Timestamp(microseconds: windowEnd.microseconds + 1)
    self.end = min(end, incident.period.until ?? end)
  }

  /// The conditions of a part; PostgreSQL wants every value of a statement to be used, so they add theirs.
  private func clause(_ part: Part, _ filter: inout SQLFilter) -> String {
    switch part {
    case .charges: return filter.clause(isWithin, "counted = 1")
    case .others: return filter.clause(isWithin, "counted = 0")
    case .derivedLater:
      let charges = filter.clause(isWithin, "counted = 1")
      let isBeforeEnd = "time_us < \(filter.placeholder(for: .integer(end.microseconds)))"
      return filter.clause(isAfter, isBeforeEnd, "root_event IN (SELECT id FROM risk_event \(charges))")
    }
  }

  /// `namespace, events`.
  var namespaces: SQLCall {
    var filter = filter
    let later = clause(.derivedLater, &filter)
    return filter.call(
      """
      SELECT namespace, SUM(events) FROM (
        SELECT namespace, COUNT(*) AS events FROM risk_event \(filter.clause(isWithin)) GROUP BY namespace
        UNION ALL
        SELECT namespace, COUNT(*) AS events FROM risk_event \(later) GROUP BY namespace
      ) AS part GROUP BY namespace ORDER BY namespace
      """
    )
  }

  /// `RiskEventSQL.columns` of at most so many events, the earliest first.
  func events(_ part: Part, limit: Int) -> SQLCall {
    var filter = filter
    let clause = clause(part, &filter)
    let most = filter.placeholder(for: SQLValue(limit))
    return filter.call("SELECT \(RiskEventSQL.columns) FROM risk_event \(clause) ORDER BY time_us, id LIMIT \(most)")
  }
}

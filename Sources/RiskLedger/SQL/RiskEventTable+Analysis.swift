// From the table of risk events to what it says about a period.

internal import Evaluation

extension RiskEventTable {
  /// See `RiskLedger.riskObjects`.
  func riskObjects(in period: RiskPeriod, limit: Int) throws(LedgerError) -> [RiskObjectSummary] {
    let sql = RiskAnalysisSQL(period)
    var namespaces: [String: [String]] = [:]
    let pairs = sql.namespacesOfObjects(limit: limit)
    try connection.run([pairs]) { _, row in
      namespaces[row.text(at: 0) ?? "", default: []].append(row.text(at: 1) ?? "")
    }
    var summaries: [RiskObjectSummary] = []
    let objects = sql.riskObjects(limit: limit)
    try connection.run([objects]) { _, row in
      let riskObject = row.text(at: 0) ?? ""
      summaries.append(
        RiskObjectSummary(
          riskObject: riskObject,
          riskObjectType: row.text(at: 1) ?? "",
          score: Int(row.integer(at: 2)),
          counted: Int(row.integer(at: 3)),
          events: Int(row.integer(at: 4)),
          firstSeen: Timestamp(microseconds: row.integer(at: 5)),
          lastSeen: Timestamp(microseconds: row.integer(at: 6)),
          namespaces: namespaces[riskObject] ?? []
        )
      )
    }
    return summaries
  }

  /// See `RiskLedger.incidents`.
  func incidents(in period: RiskPeriod, _ threshold: RiskThreshold) throws(LedgerError) -> [RiskIncident] {
    var finder = IncidentFinder(threshold, in: period)
    // Most users never come near the threshold, and nothing of them is read.
    try connection.forEachRow(RiskAnalysisSQL(period).charges(above: threshold.score)) { row in
      finder.add(
        RiskCharge(
          riskObject: row.text(at: 0) ?? "",
          riskObjectType: row.text(at: 1) ?? "",
          time: Timestamp(microseconds: row.integer(at: 2)),
          score: Int(row.integer(at: 3)),
          eventID: row.text(at: 4) ?? ""
        )
      )
      return true
    }
    return finder.incidents.sorted {
      ($0.severity, $0.until, $0.score, $0.riskObject) > ($1.severity, $1.until, $1.score, $1.riskObject)
    }
  }

  /// See `RiskLedger.addEvidence`.
  func addEvidence(to incidents: inout [RiskIncident], limit: Int) throws(LedgerError) {
    var found = incidents
    for place in found.indices { (found[place].namespaces, found[place].events, found[place].evidence) = ([], 0, []) }
    let statements = found.map(RiskEvidenceSQL.init)
    try connection.run(statements.map(\.namespaces)) { place, row in
      found[place].namespaces.append(row.text(at: 0) ?? "")
      found[place].events += Int(row.integer(at: 1))
    }
    for part in RiskEvidenceSQL.Part.allCases {
      let open = found.indices.filter { found[$0].evidence.count < limit }
      let events = open.map { statements[$0].events(part, limit: limit - found[$0].evidence.count) }
      try connection.run(events) { place, row in
        // One that cannot be read is left out, and counted as such.
        if let event = try? recorded(row) { found[open[place]].evidence.append(event) }
      }
    }
    for place in found.indices {
      found[place].evidence.sort { ($0.event.time, $0.event.id) < ($1.event.time, $1.event.id) }
    }
    incidents = found
  }

  /// See `RiskLedger.overview`.
  func overview(of period: RiskPeriod, bucketsMax: Int) throws(LedgerError) -> RiskOverview {
    let sql = RiskAnalysisSQL(period)
    var overview = RiskOverview()
    var extent: ClosedRange<Int64>?
    try connection.run([sql.extent]) { _, row in
      overview.riskObjects = Int(row.integer(at: 2))
      if overview.riskObjects > 0 { extent = row.integer(at: 0)...row.integer(at: 1) }
    }
    try addNamespaces(sql, to: &overview)
    if let extent { try addTimeline(sql, extent, bucketsMax, to: &overview) }
    return overview
  }

  private func addNamespaces(_ sql: RiskAnalysisSQL, to overview: inout RiskOverview) throws(LedgerError) {
    var groups: [RiskGroup<String>] = []
    var totals = overview
    try connection.run([sql.namespaces]) { _, row in
      let namespace = row.text(at: 0) ?? ""
      if groups.last?.key != namespace { groups.append(RiskGroup(key: namespace)) }
      let (score, events) = (Int(row.integer(at: 2)), Int(row.integer(at: 4)))
      let decision = row.text(at: 1).flatMap(Verdict.init(rawValue:)) ?? .allow
      groups[groups.count - 1].score += score
      groups[groups.count - 1].decisions.add(events, decision)
      totals.score += score
      totals.counted += Int(row.integer(at: 3))
      totals.decisions.add(events, decision)
    }
    totals.namespaces = groups.sorted {
      ($0.score, $0.decisions.total, $1.key) > ($1.score, $1.decisions.total, $0.key)
    }
    overview = totals
  }

  private func addTimeline(
    _ sql: RiskAnalysisSQL,
    _ extent: ClosedRange<Int64>,
    _ bucketsMax: Int,
    to overview: inout RiskOverview
  ) throws(LedgerError) {
    let seconds = Self.bucketSeconds(extent, bucketsMax)
    let width = seconds * 1_000_000
    let first = Timestamp(microseconds: extent.lowerBound).rounded(downTo: width).microseconds
    var timeline = stride(from: first, through: extent.upperBound, by: Int(width)).map {
      RiskGroup(key: Timestamp(microseconds: $0))
    }
    let buckets = sql.timeline(bucketMicroseconds: width)
    try connection.run([buckets]) { _, row in
      let place = Int((row.integer(at: 0) - first) / width)
      guard timeline.indices.contains(place) else { return }
      timeline[place].score += Int(row.integer(at: 2))
      timeline[place].decisions.add(
        Int(row.integer(at: 3)),
        row.text(at: 1).flatMap(Verdict.init(rawValue:)) ?? .allow
      )
    }
    overview.bucketSeconds = seconds
    overview.timeline = timeline
  }

  /// A width that people know: of the widths that give no more buckets than wanted, the smallest.
  private static func bucketSeconds(_ extent: ClosedRange<Int64>, _ bucketsMax: Int) -> Int64 {
    let seconds = (extent.upperBound - extent.lowerBound) / 1_000_000
    let known: [Int64] = [60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 86_400, 7 * 86_400]
    let count = Int64(max(1, bucketsMax - 1))
    // Two buckets more than the quotient may be touched at the ends.
    if let width = known.first(where: { seconds / $0 + 1 <= count }) { return width }
    let week: Int64 = 7 * 86_400
    return ((seconds / count) / week + 1) * week
  }
}

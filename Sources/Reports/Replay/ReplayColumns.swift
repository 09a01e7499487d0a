// What reports for people tell of each finding.

internal import AuditLog
internal import Evaluation

extension ReplayContent {
  /// The columns of this content, for people.
  var shapes: [BriefShape] {
    switch self {
    case .findings: ReplayColumns.findings.map(\.shape)
    case .rows: ReplayColumns.rows.map(\.shape)
    case .compared: ReplayColumns.compared.map(\.shape)
    }
  }
}

/// The columns of each content.
enum ReplayColumns {
  static func cells(_ finding: ReplayFinding) -> [BriefCell] { findings.map { $0.cell(finding) } }
  static func cells(_ row: AnalyticRow) -> [BriefCell] { rows.map { $0.cell(row) } }
  static func cells(_ event: ComparedEvent) -> [BriefCell] { compared.map { $0.cell(event) } }

  static let findings: [BriefColumn<ReplayFinding>] = [
    BriefColumn("TIME", width: 20, rank: 3) { BriefCell($0.subject.time.second) },
    BriefColumn("VERDICT", width: 7, rank: 0) { finding in
      BriefCell(finding.decision.verdict.rawValue, verdict: finding.decision.verdict)
    },
    BriefColumn("USER", 10...64, weight: 3, rank: 2) { BriefCell(user: $0.subject.user.username) },
    BriefColumn("VERB", width: 6, rank: 7) { BriefCell($0.verb) },
    BriefColumn("KIND", 7...24, weight: 3, rank: 5) { BriefCell(kind($0.subject)) },
    BriefColumn("OBJECT", 14...64, weight: 4, rank: 1) { BriefCell(object($0)) },
    BriefColumn("OUTCOME", width: 12, rank: 4) { BriefCell(outcome($0)) },
    BriefColumn("NEW", width: 7, rank: 6) { BriefCell(novelty($0)) },
    BriefColumn("WHERE", 26...60, weight: 3, rank: 8) { BriefCell(place($0)) },
  ]

  static let compared: [BriefColumn<ComparedEvent>] = [
    BriefColumn("ONLY IN", width: 9, rank: 0) { BriefCell($0.onlyIn.rawValue) },
    BriefColumn("WHY", 40...120, weight: 5, rank: 1) { BriefCell($0.why) },
    BriefColumn("TIME", width: 20, rank: 4) { BriefCell($0.time.second) },
    BriefColumn("USER", 10...48, weight: 2, rank: 3) { BriefCell(user: $0.user) },
    BriefColumn("VERB", width: 6, rank: 5) { BriefCell($0.verb) },
    BriefColumn("RESOURCE", 8...32, weight: 1, rank: 6) { BriefCell($0.resource) },
    BriefColumn("OBJECT", 14...64, weight: 2, rank: 2) { BriefCell(path($0.namespace, $0.name)) },
    BriefColumn("CODE", width: 4, rank: 7) { BriefCell($0.responseCode == 0 ? "" : String($0.responseCode)) },
  ]

  /// The columns of the Splunk search; those that tell most stay longest.
  static let rows: [BriefColumn<AnalyticRow>] = {
    let ranks = [
      "count", "user", "objectRef.namespace", "objectRef.name", "verb", "src_ip", "responseStatus.code", "user_groups",
      "userAgent", "requestObject.kind", "stage", "kind", "objectRef.resource",
    ]
    return AnalyticTable.columns.enumerated().map { place, name in
      let rank = ranks.firstIndex(of: name) ?? ranks.count
      // Headings are never cut: without their ends they would be each other's.
      let widths = max(min(name.count, 24), ["user": 12, "src_ip": 12, "verb": 6][name] ?? 5)...60
      return BriefColumn(name, widths, weight: widths.lowerBound < 8 ? 1 : 3, rank: rank) { row in
        if row.values.indices.contains(place) {
          return name == "user" ? BriefCell(user: row.values[place]) : BriefCell(row.values[place])
        }
        return BriefCell(name == "count" ? String(row.count) : row.userGroups.joined(separator: " "))
      }
    }
  }()

  private static func kind(_ subject: RequestSubject) -> String {
    subject.subresource.isEmpty ? subject.kind.kind : "\(subject.kind.kind)/\(subject.subresource)"
  }

  private static func object(_ finding: ReplayFinding) -> String {
    let subject = finding.subject
    let name = subject.name.isEmpty ? finding.generateName.map { "\($0)*" } ?? "" : subject.name
    return path(subject.namespace, name)
  }

  private static func path(_ namespace: String, _ name: String) -> String {
    namespace.isEmpty ? name : "\(namespace)/\(name)"
  }

  private static func outcome(_ finding: ReplayFinding) -> String {
    guard case .rejected(let code) = finding.outcome, code > 0 else { return finding.outcomeName }
    return "\(finding.outcomeName) \(code)"
  }

  private static func novelty(_ finding: ReplayFinding) -> String {
    if finding.previous == .unknown { return "unknown" }
    return finding.decision.attachments.contains(where: \.introduced) ? "yes" : "no"
  }

  private static func place(_ finding: ReplayFinding) -> String {
    guard let first = finding.decision.attachments.first else { return "" }
    let more = finding.decision.attachments.count - 1
    return more == 0 ? first.attachment.field : "\(first.attachment.field) +\(more)"
  }
}

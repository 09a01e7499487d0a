// `hostfence replay --output csv`.

internal import AuditLog

/// Comma-separated values; rows of the Splunk search stay as Splunk would write them.
///
/// Lists of those are joined by a line feed, as Splunk exports them.
struct ReplayCSVReport: ReplayReport {
  private let content: ReplayContent

  private static let findingFields = FindingFields.simple + FindingFields.flattened

  init(_ content: ReplayContent) { self.content = content }

  func begin() -> [UInt8] {
    switch content {
    case .findings: CSVText.names(of: Self.findingFields)
    case .rows: CSVText.line(AnalyticTable.columns)
    case .compared: CSVText.names(of: ComparedFields.all)
    }
  }

  func add(_ finding: ReplayFinding) -> [UInt8] { CSVText.row(of: finding, Self.findingFields) }

  func add(_ compared: ComparedEvent) -> [UInt8] { CSVText.row(of: compared, ComparedFields.all) }

  func add(_ row: AnalyticRow) -> [UInt8] {
    CSVText.line(row.values + [String(row.count), row.userGroups.joined(separator: "\n")])
  }

  func end(_ summary: ReplaySummary) -> [UInt8] { [] }
}

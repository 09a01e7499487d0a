// `hostfence replay --output table`.

internal import AuditLog

/// One line for each finding, under a line of headings.
struct ReplayTableReport: ReplayReport {
  private let table: BriefTable

  init(_ content: ReplayContent, style: TextStyle, widthColumns: Int?) {
    table = BriefTable(content.shapes, style: style, widthColumns: widthColumns)
  }

  func begin() -> [UInt8] { table.headings }
  func add(_ finding: ReplayFinding) -> [UInt8] { table.line(ReplayColumns.cells(finding)) }
  func add(_ row: AnalyticRow) -> [UInt8] { table.line(ReplayColumns.cells(row)) }
  func add(_ compared: ComparedEvent) -> [UInt8] { table.line(ReplayColumns.cells(compared)) }
  func end(_ summary: ReplaySummary) -> [UInt8] { [] }
}

// `hostfence replay --output csv`.

internal import AuditLog

/// Comma-separated values (RFC 4180), with a line of names first; lines end in a line feed.
///
/// - Lists stand in one cell: their elements are joined by `;`, and by a line feed in rows of the Splunk search, as Splunk
///   exports them.
/// - Spreadsheets run cells that begin like a formula, and user agents are anybody's text. Such cells of findings and
///   comparisons get an apostrophe in front. Rows of the Splunk search stay as Splunk would write them.
struct ReplayCSVReport: ReplayReport {
  private let content: ReplayContent

  private static let separator = ";"
  /// What makes spreadsheets take a cell for a formula, by itself or after being trimmed; full-width forms included.
  private static let formulaStarts: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
  ]

  private static let findingFields = FindingFields.simple + FindingFields.flattened

  init(_ content: ReplayContent) { self.content = content }

  func begin() -> [UInt8] {
    switch content {
    case .findings: Self.line(Self.findingFields.map(\.name))
    case .rows: Self.line(AnalyticTable.columns)
    case .compared: Self.line(ComparedFields.all.map(\.name))
    }
  }

  func add(_ finding: ReplayFinding) -> [UInt8] { Self.line(Self.findingFields.map { Self.cell($0.value(finding)) }) }

  func add(_ compared: ComparedEvent) -> [UInt8] { Self.line(ComparedFields.all.map { Self.cell($0.value(compared)) }) }

  func add(_ row: AnalyticRow) -> [UInt8] {
    Self.line(row.values + [String(row.count), row.userGroups.joined(separator: "\n")])
  }

  func end(_ summary: ReplaySummary) -> [UInt8] { [] }

  private static func cell(_ value: ReportValue) -> String {
    switch value {
    case .text(let text): harmless(text ?? "")
    case .number(let number): String(number)
    case .texts(let texts): harmless(texts.joined(separator: separator))
    }
  }

  private static func harmless(_ text: String) -> String {
    let first = text.unicodeScalars.first { $0 != " " }
    return first.map(formulaStarts.contains) ?? false ? "'\(text)" : text
  }

  private static func line(_ cells: [String]) -> [UInt8] {
    var line: [UInt8] = []
    // Rough, and enough to grow once at most.
    line.reserveCapacity(cells.reduce(cells.count + 64) { $0 + $1.utf8.count })
    for (place, cell) in cells.enumerated() {
      if place > 0 { line.append(UInt8(ascii: ",")) }
      append(cell, to: &line)
    }
    line.append(UInt8(ascii: "\n"))
    return line
  }

  private static func append(_ cell: String, to line: inout [UInt8]) {
    guard cell.utf8.contains(where: needsQuotes) else { return line.append(contentsOf: cell.utf8) }
    line.append(UInt8(ascii: "\""))
    for byte in cell.utf8 {
      if byte == UInt8(ascii: "\"") { line.append(byte) }
      line.append(byte)
    }
    line.append(UInt8(ascii: "\""))
  }

  /// Whether a cell with this byte stands in quotation marks.
  private static func needsQuotes(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
    default: false
    }
  }
}

// Comma-separated values, for programs and spreadsheets.

/// Lines of comma-separated values (RFC 4180), which end in a line feed.
///
/// - Lists stand in one cell: their elements are joined by `;`.
/// - Spreadsheets run cells that begin like a formula, and names are anybody's text: such cells of `row` get an
///   apostrophe in front.
enum CSVText {
  private static let separator = ";"
  /// What makes spreadsheets take a cell for a formula, by itself or after being trimmed; full-width forms included.
  private static let formulaStarts: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
  ]

  /// The first line: what the columns are called.
  static func names<Subject>(of fields: [ReportField<Subject>]) -> [UInt8] { line(fields.map(\.name)) }

  /// A line about a subject.
  static func row<Subject>(of subject: Subject, _ fields: [ReportField<Subject>]) -> [UInt8] {
    line(fields.map { cell($0.value(subject)) })
  }

  private static func cell(_ value: ReportValue) -> String {
    switch value {
    case .text(let text): harmless(text ?? "")
    case .number(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    case .texts(let texts): harmless(texts.joined(separator: separator))
    }
  }

  private static func harmless(_ text: String) -> String {
    let first = text.unicodeScalars.first { $0 != " " }
    return first.map(formulaStarts.contains) ?? false ? "'\(text)" : text
  }

  /// A line of cells as they are.
  static func line(_ cells: [String]) -> [UInt8] {
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

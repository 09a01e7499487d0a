// `hostfence replay --output table`.

internal import AuditLog
internal import Evaluation

/// One line for each finding, under a line of headings.
struct ReplayTableReport: ReplayReport {
  private let shapes: [BriefShape]
  private let layout: TableLayout
  private let style: TextStyle

  init(_ content: ReplayContent, style: TextStyle, widthColumns: Int?) {
    shapes = content.shapes
    layout = TableLayout(shapes, width: widthColumns)
    self.style = style
  }

  func begin() -> [UInt8] { line(shapes.map { BriefCell($0.heading) }, isHeading: true) }
  func add(_ finding: ReplayFinding) -> [UInt8] { line(BriefColumns.cells(finding)) }
  func add(_ row: AnalyticRow) -> [UInt8] { line(BriefColumns.cells(row)) }
  func add(_ compared: ComparedEvent) -> [UInt8] { line(BriefColumns.cells(compared)) }
  func end(_ summary: ReplaySummary) -> [UInt8] { [] }

  private func line(_ cells: [BriefCell], isHeading: Bool = false) -> [UInt8] {
    var line = ""
    for (position, column) in layout.columns.enumerated() {
      let cell = cells[column.place]
      let text = layout.isCut ? fitted(cell, to: column.width) : style.plain(cell.text)
      if let verdict = cell.verdict {
        line += style.verdict(verdict)
      } else {
        line += isHeading ? style.heading(text) : text
      }
      guard position < layout.columns.count - 1 else { break }
      line += TextWidth.padding(text, to: column.width) + String(repeating: " ", count: TableLayout.gap)
    }
    return Array("\(line)\n".utf8)
  }

  private func fitted(_ cell: BriefCell, to width: Int) -> String {
    let text = style.plain(cell.text)
    let fitted = TextWidth.fitted(text, to: width)
    guard let shorter = cell.shorter, fitted != text else { return fitted }
    return TextWidth.fitted(style.plain(shorter), to: width)
  }
}

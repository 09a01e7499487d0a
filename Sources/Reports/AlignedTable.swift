// A table whose columns are as wide as what stands in them.

/// A table for people, with a line of headings.
enum AlignedTable {
  /// Blanks between columns.
  private static let gap = 2

  /// The lines of the table; cells are made harmless for a terminal.
  static func render(_ headings: [String], _ rows: [[String]], style: TextStyle) -> String {
    let plain = rows.map { row in row.map { style.plain($0) } }
    let widths = headings.indices.map { column in
      (plain.map { TextWidth.columns($0[column]) } + [headings[column].count]).max() ?? 0
    }
    var text = line(headings.map { style.heading($0) }, headings, widths)
    for row in plain { text += line(row, row, widths) }
    return text
  }

  /// - Parameter measured: the cells without what colours them.
  private static func line(_ cells: [String], _ measured: [String], _ widths: [Int]) -> String {
    var line = ""
    for (column, cell) in cells.enumerated() {
      let padding = column == cells.count - 1 ? 0 : widths[column] - TextWidth.columns(measured[column]) + gap
      line += cell + String(repeating: " ", count: padding)
    }
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }
}

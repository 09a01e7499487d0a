// A table for people: a line of headings, and a line for each subject.

/// The lines of a table; cells are made harmless for a terminal.
struct BriefTable: Sendable {
  private let shapes: [BriefShape]
  private let layout: TableLayout
  private let style: TextStyle

  /// A table whose lines come one by one.
  ///
  /// - Parameter widthColumns: the terminal's width, which no line exceeds; nil cuts nothing.
  init(_ shapes: [BriefShape], style: TextStyle, widthColumns: Int?) {
    self.shapes = shapes
    self.style = style
    layout = TableLayout(shapes, width: widthColumns)
  }

  /// A whole table, in which columns are as wide as what stands in them where there is room for that.
  static func render<Subject>(
    _ columns: [BriefColumn<Subject>],
    _ subjects: [Subject],
    style: TextStyle,
    widthColumns: Int?
  ) -> [UInt8] {
    let rows = subjects.map { subject in columns.map { $0.cell(subject) } }
    let shapes = columns.enumerated().map { place, column in
      let widths = rows.map { TextWidth.columns(style.plain($0[place].text)) }
      return column.shape.fitting(max(column.shape.heading.count, widths.max() ?? 0), isCut: widthColumns != nil)
    }
    let table = BriefTable(shapes, style: style, widthColumns: widthColumns)
    return table.headings + rows.flatMap { table.line($0) }
  }

  /// The line of headings.
  var headings: [UInt8] { line(shapes.map { BriefCell($0.heading) }, isHeading: true) }

  /// The line of a subject; `cells` has one for each column, those that are not shown included.
  func line(_ cells: [BriefCell]) -> [UInt8] { line(cells, isHeading: false) }

  private func line(_ cells: [BriefCell], isHeading: Bool) -> [UInt8] {
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
    while line.last == " " { line.removeLast() }
    return Array("\(line)\n".utf8)
  }

  private func fitted(_ cell: BriefCell, to width: Int) -> String {
    let text = style.plain(cell.text)
    let fitted = TextWidth.fitted(text, to: width)
    guard let shorter = cell.shorter, fitted != text else { return fitted }
    return TextWidth.fitted(style.plain(shorter), to: width)
  }
}

extension BriefShape {
  /// The shape of a column whose longest cell is known; where nothing is cut, and of what always has one width, it is the
  /// width of that cell.
  fileprivate func fitting(_ longest: Int, isCut: Bool) -> BriefShape {
    BriefShape(
      heading: heading,
      minimum: isCut && weight > 0 ? min(minimum, longest) : longest,
      maximum: longest,
      weight: weight,
      rank: rank
    )
  }
}

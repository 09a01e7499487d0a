// `hostfence replay --output html`.

internal import AuditLog
internal import Evaluation

/// One page that needs nothing but itself: numbers, charts, coverage, and the first findings in a table.
///
/// The page is written at the end; until then it holds no more than the rows of its table, whose number and length are
/// bounded.
struct ReplayHTMLReport: ReplayReport {
  /// A page with more is slow to open, and nobody reads on.
  static let rowsMax = 1_000
  /// Cells up to here are not broken into lines.
  private static let unbrokenBytesMax = 26

  private let content: ReplayContent
  private var rows: HTMLText = ""
  private var count = 0

  init(_ content: ReplayContent) { self.content = content }

  func begin() -> [UInt8] { [] }

  mutating func add(_ finding: ReplayFinding) -> [UInt8] {
    let images = finding.decision.attachments.flatMap(\.attachment.containers).map(\.image)
    let extra = [images.joined(separator: " "), finding.sourceIPs.last ?? "", "\(finding.file):\(finding.line)"]
    return add { ReplayColumns.cells(finding) + extra.map { BriefCell($0) } }
  }

  mutating func add(_ row: AnalyticRow) -> [UInt8] { add { ReplayColumns.cells(row) } }

  mutating func add(_ compared: ComparedEvent) -> [UInt8] {
    add { ReplayColumns.cells(compared) + [BriefCell("\(compared.file):\(compared.line)")] }
  }

  mutating func end(_ summary: ReplaySummary) -> [UInt8] {
    var page = HTMLPage.head(summary)
    page += HTMLPage.numbers(summary, content)
    if content == .findings { page += HTMLPage.charts(summary) }
    page += HTMLPage.coverage(summary)
    page += table
    page += HTMLPage.tail
    return Array(page.markup.utf8)
  }

  private mutating func add(_ cells: () -> [BriefCell]) -> [UInt8] {
    count += 1
    guard count <= Self.rowsMax else { return [] }
    let row = cells().map { cell -> HTMLText in
      let text = TextWidth.fitted(cell.text, to: HTMLPage.textColumnsMax)
      if let verdict = cell.verdict { return "<td class=\"short verdict \(verdict.rawValue)\">\(text)</td>" }
      return text.utf8.count <= Self.unbrokenBytesMax ? "<td class=\"short\">\(text)</td>" : "<td>\(text)</td>"
    }
    rows += "<tr>\(row)</tr>\n"
    return []
  }

  private var title: String {
    switch content {
    case .findings: "Findings"
    case .rows: "Rows of the Splunk search"
    case .compared: "What only one of the two finds"
    }
  }

  private var headings: [String] {
    let extra =
      switch content {
      case .findings: ["IMAGES", "FROM", "IN"]
      case .rows: [String]()
      case .compared: ["IN"]
      }
    let shapes = content.shapes.map(\.heading) + extra
    return content == .rows ? shapes : shapes.map { $0.prefix(1) + $0.dropFirst().lowercased() }
  }

  private var table: HTMLText {
    guard count > 0 else { return "<h2>\(title)</h2>\n<p>None.</p>\n" }
    let shown =
      count <= Self.rowsMax
      ? "All \(NumberText.grouped(count))"
      : """
      The first \(NumberText.grouped(Self.rowsMax)) of \(NumberText.grouped(count)); \
      \(NumberText.grouped(count - Self.rowsMax)) more are in --output csv
      """
    let cells = headings.map { "<th scope=\"col\">\($0)</th>" as HTMLText }
    return """
      <h2>\(title)</h2>
      <div class="wide" role="region" tabindex="0" aria-label="\(title)">
      <table class="list"><caption>\(shown)</caption>
      <thead><tr>\(cells)</tr></thead>
      <tbody>
      \(rows)</tbody></table>
      </div>

      """
  }
}

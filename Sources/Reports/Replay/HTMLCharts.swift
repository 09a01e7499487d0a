// The charts of the HTML report: SVG inside the page, drawn by nobody's script.

internal import AuditLog
internal import Evaluation

/// Charts as HTML.
enum HTMLCharts {
  static let namesShown = 10

  /// The three colours and what they mean.
  static let legend: HTMLText = """
    <p class="legend"><span class="key deny"></span>would be denied <span class="key warn"></span>would be warned about \
    <span class="key allow"></span>let through and recorded</p>

    """

  /// Findings over time, as stacked bars.
  static func timeline(_ timeline: Timeline) -> HTMLText {
    let top = roundedUp(timeline.bars.map(\.counts.total).max() ?? 0)
    let slot = 1_000 / Double(timeline.bars.count)
    var bars: [HTMLText] = []
    for (place, bar) in timeline.bars.enumerated() where bar.counts.total > 0 {
      let x = decimal(slot * (Double(place) + 0.1))
      let width = decimal(slot * 0.8)
      var rectangles: [HTMLText] = []
      var y = 100.0
      for (name, count) in parts(bar.counts) {
        let height = Double(count) / Double(top) * 100
        y -= height
        rectangles.append(
          "<rect class=\"\(name)\" x=\"\(x)\" y=\"\(decimal(y))\" width=\"\(width)\" height=\"\(decimal(height))\"/>"
        )
      }
      bars.append("<g><title>\(bar.label): \(ReplaySummaryText.words(bar.counts))</title>\(rectangles)</g>\n")
    }
    let labels = [0, timeline.bars.count / 2, timeline.bars.count - 1].map { timeline.bars[$0].label }
    let half = top.isMultiple(of: 2) ? NumberText.grouped(top / 2) : ""
    return """
      <div class="timeline">
      <div class="scale" aria-hidden="true"><span>\(NumberText.grouped(top))</span><span>\(half)</span><span>0</span></div>
      <svg role="img" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-labelledby="timeline-title timeline-desc">
      <title id="timeline-title">Findings over time</title>
      <desc id="timeline-desc">Requests whose objects were stored, each bar \(timeline.span), from \(labels[0]) to \
      \(labels[2]) UTC; the highest bar has at most \(NumberText.grouped(top)).</desc>
      <path class="grid" d="M0 0H1000M0 50H1000M0 100H1000"/>
      \(bars)</svg>
      <div class="dates" aria-hidden="true"><span>\(labels[0])</span><span>\(labels[1])</span><span>\(labels[2])</span>\
      </div>
      </div>

      """
  }

  /// The names with the most findings, each with a bar; nothing when there are none.
  static func top(_ title: String, _ tally: VerdictTally, nameless: String) -> HTMLText {
    let top = tally.top(namesShown)
    guard let longest = top.map(\.counts.total).max(), longest > 0 else { return "" }
    let rows = top.map { name, counts -> HTMLText in
      let label = name.isEmpty ? nameless : TextWidth.fitted(name, to: HTMLPage.textColumnsMax)
      return """
        <tr><th scope="row">\(label)</th><td class="bar">\(bar(counts, longest: longest))</td>\
        <td class="number">\(NumberText.grouped(counts.total))</td></tr>

        """
    }
    let more = tally.counts.count - top.count
    let note: HTMLText =
      more > 0 ? " <small>first \(namesShown) of \(NumberText.grouped(tally.counts.count))</small>" : ""
    return """
      <table class="top"><caption>\(title)\(note)</caption>
      <thead class="unseen"><tr><th scope="col">Name</th><th scope="col">Verdicts</th><th scope="col">Findings</th></tr>\
      </thead>
      <tbody>
      \(rows)</tbody></table>

      """
  }

  private static func bar(_ counts: VerdictCounts, longest: Int) -> HTMLText {
    var x = 0.0
    let rectangles = parts(counts).map { name, count -> HTMLText in
      let width = Double(count) / Double(longest) * 100
      defer { x += width }
      return "<rect class=\"\(name)\" x=\"\(decimal(x))\" y=\"0\" width=\"\(decimal(width))\" height=\"10\"/>"
    }
    let words = ReplaySummaryText.words(counts)
    return """
      <svg role="img" viewBox="0 0 100 10" preserveAspectRatio="none"><title>\(words)</title>\(rectangles)</svg>
      """
  }

  private static func parts(_ counts: VerdictCounts) -> [(name: String, count: Int)] {
    [("deny", counts.denied), ("warn", counts.warned), ("allow", counts.allowed)].filter { $0.1 > 0 }
  }

  /// The next of 2, 4, 6, 8, 10, 20, 40, …, so that half of it is a number as well.
  private static func roundedUp(_ count: Int) -> Int {
    var step = 1
    while step <= Int.max / 20 {
      for factor in [2, 4, 6, 8, 10] where step * factor >= count { return step * factor }
      step *= 10
    }
    return count
  }

  /// Two decimals, which is finer than any screen.
  private static func decimal(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return fraction == 0 ? String(hundredths / 100) : "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}

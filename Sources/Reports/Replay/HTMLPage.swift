// The parts of the HTML report around its table.

internal import AuditLog
internal import Evaluation

/// The parts of the page.
enum HTMLPage {
  /// Longer texts of a log are cut.
  static let textColumnsMax = 200
  private static let placesShown = 20

  /// Everything before the first section; nothing may be loaded or run, whatever a log says.
  static func head(_ summary: ReplaySummary) -> HTMLText {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <title>Hostfence: replay of audit logs</title>
    <style>
    \(HTMLStyle.sheet)</style>
    </head>
    <body>
    <main>
    <h1>Pods on the node's network</h1>
    <p class="soft">Replay of audit logs by Hostfence: \(ReplaySummaryText.extent(summary)).</p>

    """
  }

  static let tail: HTMLText = "</main>\n</body>\n</html>\n"

  /// The numbers, and what they mean; a page about something else than findings has fewer of them.
  static func numbers(_ summary: ReplaySummary, _ content: ReplayContent) -> HTMLText {
    var numbers = [("audit events", summary.coverage.events)]
    if content != .rows {
      numbers += [
        ("findings", summary.findings), ("would be denied", summary.written.denied),
        ("would be warned about", summary.written.warned), ("let through, recorded", summary.written.allowed),
        ("dry runs", summary.dryRuns.total), ("rejected by others", summary.rejected.total),
      ]
    }
    numbers += [
      ("writes not judged", summary.coverage.unjudgedWrites), ("unreadable places", summary.unreadableCount),
    ]
    let tiles = numbers.map { label, number -> HTMLText in
      "<div><dt>\(label)</dt><dd>\(NumberText.grouped(number))</dd></div>\n"
    }
    var html: HTMLText = ""
    if content != .rows, summary.findings > 0 || summary.coverage.unjudgedWrites == 0 {
      html += "<p class=\"lead\">\(ReplaySummaryText.whatIf(summary))</p>\n"
    }
    let semantics: ReplaySemantics = content == .rows ? .splunk : .hostfence
    for caution in [CoverageText.emptiness(summary), CoverageText.verdict(summary, semantics: semantics)] {
      if let caution { html += "<p class=\"caution\">\(caution)</p>\n" }
    }
    html += "<dl class=\"numbers\">\n\(tiles)</dl>\n"
    return html
  }

  /// Findings over time and by name.
  static func charts(_ summary: ReplaySummary) -> HTMLText {
    guard let timeline = Timeline(summary.byHour) else { return "" }
    return """
      <h2>When</h2>
      <p class="soft">Requests whose objects were stored; each bar is \(timeline.span).</p>
      \(HTMLCharts.timeline(timeline))\(HTMLCharts.legend)<h2>Who and what</h2>
      <div class="tops">
      \(HTMLCharts.top("Users", summary.byUser, nameless: "(no name)"))\
      \(HTMLCharts.top("Namespaces", summary.byNamespace, nameless: "(cluster-wide)"))\
      \(HTMLCharts.top("Workloads", summary.byWorkload, nameless: "(no name)"))\
      \(HTMLCharts.top("Images", summary.byImage, nameless: "(no image)"))\
      \(HTMLCharts.top("Owners", summary.byOwner, nameless: "(no name)"))</div>

      """
  }

  /// What could not be judged, and what to do about it.
  static func coverage(_ summary: ReplaySummary) -> HTMLText {
    let coverage = summary.coverage
    var html: HTMLText = "<h2>Coverage</h2>\n"
    if coverage.unjudgedWrites == 0 {
      html += "<p>All writes of pods and workloads that the log holds could be judged.</p>\n"
    } else {
      html += gaps("Writes of pods and workloads that could not be judged", coverage.gaps)
      for remedy in CoverageText.remedies(coverage) {
        html += "<p>\(remedy.words)</p>\n"
        guard let yaml = remedy.yaml else { continue }
        let lines = yaml.split(separator: "\n").map { "\(String($0))\n" as HTMLText }
        html += "<pre>\(lines)</pre>\n"
      }
    }
    if !coverage.customResourceGaps.isEmpty {
      html += gaps("Writes of custom resources without a body; some kinds make pods", coverage.customResourceGaps)
    }
    if summary.unreadableCount > 0 {
      let shown = summary.unreadable.prefix(placesShown)
      let places = shown.map { "<li>\(ReplaySummaryText.place($0)): \($0.message)</li>\n" as HTMLText }
      let more = summary.unreadableCount - shown.count
      let count = NumberText.counted(summary.unreadableCount, "place")
      html += "<p>\(count) could not be read:</p>\n<ul>\n\(places)</ul>\n"
      if more > 0 { html += "<p>And \(NumberText.grouped(more)) more.</p>\n" }
    }
    return html
  }

  private static func gaps(_ title: String, _ gaps: [CoverageGap: Int]) -> HTMLText {
    let rows = CoverageText.sorted(gaps).prefix(placesShown).map { gap, count -> HTMLText in
      """
      <tr><td>\(CoverageText.name(gap))</td><td>\(CoverageText.words(gap.reason))</td>\
      <td class="number">\(NumberText.grouped(count))</td></tr>

      """
    }
    let note: HTMLText = gaps.count > rows.count ? " <small>first \(placesShown) kinds of \(gaps.count)</small>" : ""
    return """
      <div class="wide" role="region" tabindex="0" aria-label="\(title)">
      <table class="list"><caption>\(title)\(note)</caption>
      <thead><tr><th scope="col">Resource</th><th scope="col">Why</th><th scope="col" class="number">Writes</th></tr>\
      </thead>
      <tbody>
      \(rows)</tbody></table>
      </div>

      """
  }
}

// What a person is told at the end of a replay.

package import AuditLog
internal import Evaluation

/// The end of a replay in words.
package enum ReplaySummaryText {
  private static let namesShown = 5
  private static let placesShown = 20
  private static let gapsShown = 20

  /// A few lines, ending in a line feed.
  package static func render(
    _ summary: ReplaySummary,
    style: TextStyle,
    semantics: ReplaySemantics = .hostfence
  ) -> String {
    var paragraphs = [read(summary)]
    if semantics == .hostfence { paragraphs += [findings(summary), names(summary, style), exemptions(summary)] }
    paragraphs += [
      CoverageText.emptiness(summary).map { [style.caution($0)] } ?? [], coverage(summary, style, semantics),
      unreadable(summary, style),
    ]
    let lines = paragraphs.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
    return lines.joined(separator: "\n")
  }

  /// How the verdicts of `mode` would have been felt, in one sentence.
  static func whatIf(_ summary: ReplaySummary) -> String {
    let counts = summary.written
    guard !summary.isOff else { return "With --mode off nothing is judged." }
    let mode =
      summary.isModeOnly
      ? "With --mode \(summary.mode.rawValue)"
      : "With the policy \(summary.policyRevision)\(summary.replacedMode.map { " and --mode \($0.rawValue)" } ?? "")"
    guard counts.total > 0 else { return "\(mode) no stored object would have been touched." }
    var parts: [String] = []
    if counts.denied > 0 { parts.append("\(would(counts.denied)) denied") }
    if counts.warned > 0 { parts.append("\(would(counts.warned)) let through with a warning") }
    if counts.allowed > 0 { parts.append("\(would(counts.allowed)) let through and recorded") }
    return "\(mode) \(parts.joined(separator: ", "))."

    func would(_ count: Int) -> String {
      parts.isEmpty ? "\(NumberText.counted(count, "request")) would have been" : NumberText.grouped(count)
    }
  }

  /// What was read, in one line.
  static func extent(_ summary: ReplaySummary) -> String {
    var text =
      "\(NumberText.counted(summary.coverage.events, "audit event")) in \(NumberText.counted(summary.files, "file")), "
      + "\(NumberText.counted(summary.lines, "line")), \(NumberText.bytes(summary.bytes))"
    if let first = summary.firstEvent, let last = summary.lastEvent {
      text += ", from \(first.description.prefix(19))Z to \(last.description.prefix(19))Z"
    }
    return text
  }

  // MARK: - Parts

  private static func read(_ summary: ReplaySummary) -> [String] {
    var lines = [extent(summary)]
    var others: [String] = []
    if summary.otherRecords > 0 { others.append("\(NumberText.counted(summary.otherRecords, "record")) of other logs") }
    if summary.duplicates > 0 { others.append("\(NumberText.counted(summary.duplicates, "event")) delivered twice") }
    if !others.isEmpty { lines.append("Left out: \(others.joined(separator: ", "))") }
    return lines
  }

  /// Which exemptions were of use, and which the log has no need of.
  private static func exemptions(_ summary: ReplaySummary) -> [String] {
    guard !summary.exemptions.isEmpty else { return [] }
    let used = summary.exemptions.filter { $0.freed > 0 }
    var lines = used.map { "Exemption \($0.id) freed \(NumberText.counted($0.freed, "attachment"))." }
    let unused = summary.exemptions.filter { $0.freed == 0 }
    if !unused.isEmpty {
      let among = summary.isFiltered ? "Never matched among these requests" : "Never matched"
      lines.append("\(among): \(unused.map { $0.id + ended($0) }.joined(separator: ", ")).")
    }
    return lines

    func ended(_ use: ExemptionUse) -> String {
      guard let expires = use.expires, let last = summary.lastEvent, expires <= last else { return "" }
      return " (expired \(expires.description.prefix(10)))"
    }
  }

  private static func findings(_ summary: ReplaySummary) -> [String] {
    var text = NumberText.counted(summary.findings, "finding")
    let outcomes = [
      ("written", summary.written.total), ("dry-run", summary.dryRuns.total), ("rejected", summary.rejected.total),
    ]
    let parts = outcomes.filter { $0.1 > 0 }.map { "\(NumberText.grouped($0.1)) \($0.0)" }
    if !parts.isEmpty { text += ": \(parts.joined(separator: ", "))" }
    guard summary.findings > 0 else { return summary.isOff ? [whatIf(summary)] : [text] }
    var lines = [text, whatIf(summary)]
    if summary.unknownPrevious > 0 {
      let isOne = summary.unknownPrevious == 1
      lines.append(
        """
        \(NumberText.counted(summary.unknownPrevious, "of them is an update", "of them are updates")) whose earlier state \
        the log does not tell; \(isOne ? "it counts" : "they count") as new.
        """
      )
    }
    if summary.recordedEvents > 0 {
      lines.append(
        "\(NumberText.counted(summary.recordedEvents, "risk event")) in the ledger now, by their ids: none counts twice"
      )
    }
    return lines
  }

  private static func names(_ summary: ReplaySummary, _ style: TextStyle) -> [String] {
    let hasVerdicts = summary.written.denied + summary.written.warned > 0
    var lines: [String] = []
    for (title, tally) in [
      ("Users", summary.byUser), ("Namespaces", summary.byNamespace), ("Workloads", summary.byWorkload),
      ("Owners", summary.byOwner),
    ] {
      let top = tally.top(namesShown).filter { !hasVerdicts || $0.counts.denied + $0.counts.warned > 0 }
      guard !top.isEmpty else { continue }
      let count = NumberText.grouped(tally.counts.count)
      let more = tally.counts.count > namesShown ? " (first \(namesShown) of \(count))" : ""
      lines.append("\(style.heading(title))\(more):")
      for (name, counts) in top {
        lines.append("  \(style.plain(name.isEmpty ? "(none)" : name)): \(words(counts))")
      }
    }
    return lines
  }

  /// `12 denied, 3 warned`.
  static func words(_ counts: VerdictCounts) -> String {
    let parts = [("denied", counts.denied), ("warned", counts.warned), ("allowed", counts.allowed)]
    let shown = parts.filter { $0.1 > 0 }.map { "\(NumberText.grouped($0.1)) \($0.0)" }
    return shown.isEmpty ? "none" : shown.joined(separator: ", ")
  }

  private static func coverage(
    _ summary: ReplaySummary,
    _ style: TextStyle,
    _ semantics: ReplaySemantics
  ) -> [String] {
    let coverage = summary.coverage
    var lines: [String] = []
    if let verdict = CoverageText.verdict(summary, semantics: semantics) {
      lines.append(style.caution(verdict))
      lines += gaps(coverage.gaps, style)
      for remedy in CoverageText.remedies(coverage) {
        lines.append(remedy.words)
        lines += (remedy.yaml ?? "").split(separator: "\n").map { "  \($0)" }
      }
    }
    if !coverage.customResourceGaps.isEmpty {
      let count = coverage.customResourceGaps.values.reduce(0, +)
      lines.append(
        """
        \(NumberText.counted(count, "write")) of custom resources, some of which may make pods, \
        \(count == 1 ? "has" : "have") no body to judge
        """
      )
      lines += gaps(coverage.customResourceGaps, style)
    }
    return lines
  }

  private static func gaps(_ gaps: [CoverageGap: Int], _ style: TextStyle) -> [String] {
    let sorted = CoverageText.sorted(gaps)
    var lines = sorted.prefix(gapsShown).map { gap, count in
      "  \(NumberText.grouped(count)) \(style.plain(CoverageText.name(gap))): \(CoverageText.words(gap.reason))"
    }
    if sorted.count > gapsShown { lines.append("  and \(NumberText.counted(sorted.count - gapsShown, "more kind"))") }
    return lines
  }

  private static func unreadable(_ summary: ReplaySummary, _ style: TextStyle) -> [String] {
    var lines: [String] = []
    if summary.unreadableCount > 0 {
      lines.append(style.failure("\(NumberText.counted(summary.unreadableCount, "place")) could not be read:"))
      let shown = summary.unreadable.prefix(placesShown)
      lines += shown.map { "  \(style.place(place($0))): \(style.plain($0.message))" }
      let more = summary.unreadableCount - shown.count
      if more > 0 { lines.append("  and \(NumberText.grouped(more)) more") }
    }
    if !summary.cutLastRecords.isEmpty {
      let count = NumberText.counted(summary.cutLastRecords.count, "file")
      lines.append("\(count) \(summary.cutLastRecords.count == 1 ? "ends" : "end") in the middle of a record:")
      lines += summary.cutLastRecords.prefix(namesShown).map { "  \(style.place(place($0)))" }
      let more = summary.cutLastRecords.count - namesShown
      if more > 0 { lines.append("  and \(NumberText.grouped(more)) more") }
    }
    return lines
  }

  /// `audit.log:12`, or the file alone when it is meant as a whole.
  static func place(_ place: UnreadablePlace) -> String {
    place.line == 0 ? place.file : "\(place.file):\(place.line)"
  }
}

// How far a replay is, in one line.

/// The line that shows how far a replay is.
package enum ReplayProgress {
  private static let gap = "  "
  /// Rates and forecasts before this many seconds would only flicker.
  private static let settledSeconds = 0.5

  /// One line that fits `width` columns: what does not fit is left out, the least telling first.
  ///
  /// The rate is the average since the beginning.
  ///
  /// - Parameters:
  ///   - bytesDone: as read from the disk.
  ///   - bytesTotal: 0 when nobody knows, as with standard input.
  package static func line(
    bytesDone: Int,
    bytesTotal: Int,
    elapsedSeconds: Double,
    events: Int? = nil,
    findings: Int? = nil,
    width: Int
  ) -> String {
    // A file that grows while it is read has more than it had.
    let isTotalKnown = bytesTotal > 0 && bytesDone <= bytesTotal
    let isSettled = elapsedSeconds >= settledSeconds && bytesDone > 0
    let rate = Double(bytesDone) / max(elapsedSeconds, settledSeconds)
    let percent = isTotalKnown ? String(Int(Double(bytesDone) / Double(bytesTotal) * 100)) : ""
    let padding = String(repeating: " ", count: max(0, 3 - percent.count))
    let total = isTotalKnown ? " of \(NumberText.bytes(bytesTotal))" : ""
    let left = isTotalKnown ? "\(NumberText.duration(seconds: Double(bytesTotal - bytesDone) / rate)) left" : ""
    // In the order in which they are shown; those of lower rank stay longer.
    let parts: [(text: String, rank: Int)] = [
      (isTotalKnown ? "\(padding)\(percent) %" : "", 0),
      ("\(NumberText.bytes(bytesDone))\(total)", 3),
      (isSettled ? "\(NumberText.bytes(Int(rate)))/s" : "", 5),
      (events.map { NumberText.counted($0, "event") } ?? "", 4),
      (findings.map { NumberText.counted($0, "finding") } ?? "", 1),
      (isSettled ? left : "", 2),
    ]
    var shown: Set<Int> = []
    var used = 0
    let candidates = parts.indices.filter { !parts[$0].text.isEmpty }
    for place in candidates.sorted(by: { parts[$0].rank < parts[$1].rank }) {
      let needed = parts[place].text.count + (shown.isEmpty ? 0 : gap.count)
      guard used + needed <= width else { continue }
      used += needed
      shown.insert(place)
    }
    return shown.sorted().map { parts[$0].text }.joined(separator: gap)
  }
}

// Findings over time.

internal import AuditLog
internal import Evaluation

/// Findings in equal spans of time, without holes: by the hour, and where that makes too many, by days.
struct Timeline: Equatable {
  /// One span.
  struct Bar: Equatable {
    /// `2026-11-23 16:00` or `2026-11-23`, in UTC.
    var label: String
    var counts: VerdictCounts
  }

  static let barsMax = 200
  /// Fewer would be as wide as houses.
  private static let barsMin = 24

  /// Hours that each bar stands for.
  let hoursPerBar: Int
  let bars: [Bar]

  /// Nil when there are no findings.
  init?(_ byHour: VerdictTally) {
    let hours: [(hour: Int, counts: VerdictCounts)] = byHour.counts.compactMap { key, counts in
      guard let time = Timestamp(rfc3339: "\(key):00:00Z") else { return nil }
      return (hour: Int(time.microseconds / Self.microsecondsPerHour), counts: counts)
    }
    guard let first = hours.map(\.hour).min(), let last = hours.map(\.hour).max() else { return nil }
    hoursPerBar = Self.hoursPerBar(first: first, last: last)
    // Down to the beginning of the day; hours before 1970 are nobody's log.
    var start = first / hoursPerBar
    var count = last / hoursPerBar - start + 1
    if count < Self.barsMin {
      start -= (Self.barsMin - count) / 2
      count = Self.barsMin
    }
    var counts = [VerdictCounts](repeating: VerdictCounts(), count: count)
    for hour in hours {
      let place = hour.hour / hoursPerBar - start
      counts[place].denied += hour.counts.denied
      counts[place].warned += hour.counts.warned
      counts[place].allowed += hour.counts.allowed
    }
    let hoursPerBar = hoursPerBar
    bars = counts.enumerated().map { place, counts in
      Bar(label: Self.label(hour: (start + place) * hoursPerBar, isDay: hoursPerBar > 1), counts: counts)
    }
  }

  /// `1 hour`, `1 day`, `12 days`.
  var span: String {
    if hoursPerBar == 1 { return "1 hour" }
    return NumberText.counted(hoursPerBar / 24, "day")
  }

  private static let microsecondsPerHour: Int64 = 3_600_000_000

  private static func hoursPerBar(first: Int, last: Int) -> Int {
    if last - first < barsMax { return 1 }
    let days = last / 24 - first / 24 + 1
    // One day more, as bars of several days begin where it suits them.
    return days <= barsMax ? 24 : 24 * ((days + barsMax - 2) / (barsMax - 1))
  }

  private static func label(hour: Int, isDay: Bool) -> String {
    let text = Timestamp(microseconds: Int64(hour) * microsecondsPerHour).description
    return isDay ? String(text.prefix(10)) : "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
  }
}

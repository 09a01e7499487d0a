// A count that only grows.

internal import Threads

/// Counts, in one series or in one for each of a fixed set of label values; from any thread.
package final class MetricCounter: Sendable {
  /// What is counted under a value that nobody registered: it must be seen, but not under a name that a client chose.
  private static let otherValue = "other"

  private let label: String?
  private let values: [String]
  /// In the order of `values`, then of everything else; without a label only the last.
  private let counts: Monitor<[UInt64]>

  init(label: String?, values: [String]) {
    self.label = label
    self.values = values
    counts = Monitor(Array(repeating: 0, count: values.count + 1))
  }

  /// Adds to the series of a counter without a label; an amount below 0 is left out.
  package func add(_ amount: Int = 1) { add(amount, at: values.count) }

  /// Adds to the series of a label value; an amount below 0 is left out.
  package func add(_ amount: Int = 1, for value: String) {
    add(amount, at: values.firstIndex(of: value) ?? values.count)
  }

  private func add(_ amount: Int, at index: Int) {
    guard amount > 0 else { return }
    // Prometheus takes a count that falls for a restart, which is the best that can be said after 2^64.
    counts.withLock { $0[index] &+= UInt64(amount) }
  }

  /// The samples: labels in braces, ready to be written, and the count.
  var series: [(labels: String, count: UInt64)] {
    let counts = counts.withLock { $0 }
    guard let label else { return [(labels: "", count: counts[values.count])] }
    var series = zip(values, counts).map { (value, count) in (labels: Self.labels(label, value), count: count) }
    if counts[values.count] > 0 {
      series.append((labels: Self.labels(label, Self.otherValue), count: counts[values.count]))
    }
    return series
  }

  private static func labels(_ label: String, _ value: String) -> String {
    "{\(label)=\"\(MetricText.labelValue(value))\"}"
  }
}

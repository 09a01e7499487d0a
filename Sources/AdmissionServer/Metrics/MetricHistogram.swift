// How often a figure fell into which range.

internal import Threads

/// Observations in fixed ranges, as Prometheus' histograms have them; from any thread.
package final class MetricHistogram: Sendable {
  private struct State {
    /// In each range alone; the last is everything above the bounds.
    var counts: [UInt64]
    var sum = 0.0
  }

  private let bounds: [Double]
  private let state: Monitor<State>

  /// Creates a histogram; `bounds` are the upper ends of its ranges, rising.
  init(bounds: [Double]) {
    self.bounds = bounds
    state = Monitor(State(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  /// Adds an observation.
  package func observe(_ value: Double) {
    // Most observations are small, and there are a dozen ranges.
    let place = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[place] &+= 1
      state.sum += value
    }
  }

  /// The samples of a family of this name.
  func samples(_ name: String) -> String {
    let state = state.withLock { $0 }
    var text = ""
    var total: UInt64 = 0
    for (bound, count) in zip(bounds, state.counts) {
      total &+= count
      text += "\(name)_bucket{le=\"\(bound)\"} \(total)\n"
    }
    total &+= state.counts[bounds.count]
    return text + "\(name)_bucket{le=\"+Inf\"} \(total)\n\(name)_sum \(state.sum)\n\(name)_count \(total)\n"
  }
}

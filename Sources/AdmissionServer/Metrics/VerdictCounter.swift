// Verdicts by what they were about, in a bounded number of series.

internal import Evaluation
internal import Threads

/// Counts verdicts by mode, decision, operation, resource and namespace; from any thread.
///
/// Resources and namespaces are named by clients, so only so many of them get series of their own; the rest is `other`.
final class VerdictCounter: Sendable {
  /// What a verdict is counted under.
  struct Key: Hashable, Sendable {
    var mode: Mode
    var verdict: Verdict
    var operation: Evaluation.Operation
    /// As the API names it: `deployments.apps`.
    var resource: String
    /// Empty for objects that are in none.
    var namespace: String
  }

  /// Series of all verdicts.
  static let seriesMax = 2_000
  /// What stands for names that came too late.
  private static let other = "other"

  private let counts = Monitor<[Key: UInt64]>([:])

  /// Counts one more.
  func add(_ key: Key) {
    counts.withLock { counts in
      var key = key
      if counts.count >= Self.seriesMax, counts[key] == nil {
        key.resource = Self.other
        key.namespace = Self.other
      }
      counts[key, default: 0] &+= 1
    }
  }

  /// The samples of a family of this name, in a stable order.
  func samples(_ name: String) -> String {
    let counts = counts.withLock { $0 }
    let lines = counts.map { key, count in
      let labels = [
        ("decision", key.verdict.rawValue), ("mode", key.mode.rawValue), ("namespace", key.namespace),
        ("operation", key.operation.rawValue), ("resource", key.resource),
      ]
      let text = labels.map { "\($0.0)=\"\(MetricText.labelValue($0.1))\"" }.joined(separator: ",")
      return "\(name){\(text)} \(count)\n"
    }
    return lines.sorted().joined()
  }
}

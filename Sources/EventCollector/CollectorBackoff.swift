// How long to wait before the next attempt.

/// Waits that double, each with a random part, so that exporters that failed together do not come back together.
struct CollectorBackoff: Sendable {
  private(set) var failures = 0

  /// Milliseconds until the next attempt, after one more failure.
  ///
  /// - Parameters:
  ///   - afterSeconds: what the collector asked for.
  ///   - random: from 0 up to 1.
  mutating func next(afterSeconds: Int? = nil, random: Double = .random(in: 0..<1)) -> Int {
    failures += 1
    let doubled = CollectorLimits.backoffMinMilliseconds << min(failures - 1, 16)
    let ceiling = min(doubled, CollectorLimits.backoffMaxMilliseconds)
    let wait = ceiling / 2 + Int(Double(ceiling / 2) * random)
    let asked = min(max(afterSeconds ?? 0, 0), CollectorLimits.retryAfterMaxSeconds) * 1_000
    // Not all at the same moment then either.
    return asked > wait ? asked + Int(Double(asked / 10) * random) : wait
  }

  /// Forgets the failures.
  mutating func succeed() { failures = 0 }
}

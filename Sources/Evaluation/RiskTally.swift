// What each user has been charged with lately: the risk so far, for escalation.

/// Counted risk by user, in memory and bounded.
package struct RiskTally: Sendable {
  private struct Charge: Sendable {
    let time: Timestamp
    let score: Int
  }

  /// Charges kept of one user, the newest; scores are at least 1, so that they reach every threshold.
  static let chargesMax = RiskEscalation.thresholdMax + 1

  /// Charges kept of all users, 16 bytes each; beyond it half of the users are forgotten, those charged longest ago.
  private let totalMax: Int

  private var charges: [String: [Charge]] = [:]
  private var total = 0

  /// Begins with nothing.
  package init(totalMax: Int = 1_000_000) { self.totalMax = totalMax }

  /// Charges a user; call it for events that count.
  package mutating func add(_ score: Int, to user: String, at time: Timestamp) {
    guard score > 0 else { return }
    var own = charges.removeValue(forKey: user) ?? []
    // Mostly the newest; a log's events may come a little out of order.
    let place = (own.lastIndex { $0.time <= time }).map { $0 + 1 } ?? 0
    own.insert(Charge(time: time, score: score), at: place)
    total += 1
    // A quarter more at times, so that not every charge moves all others.
    if own.count > Self.chargesMax * 5 / 4 {
      total -= own.count - Self.chargesMax
      own.removeFirst(own.count - Self.chargesMax)
    }
    charges[user] = own
    if total > totalMax { forgetHalf() }
  }

  /// What a user was charged with in the window that ends at a moment.
  package func risk(of user: String, at time: Timestamp, windowSeconds: Int64) -> Int {
    guard let own = charges[user] else { return 0 }
    let start = time.adding(seconds: -windowSeconds)
    var sum = 0
    for charge in own.reversed() {
      if charge.time <= start { break }
      if charge.time <= time { sum += charge.score }
    }
    return sum
  }

  private mutating func forgetHalf() {
    let latest = charges.mapValues { $0.last?.time ?? Timestamp(microseconds: .min) }
    let kept = latest.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.prefix(charges.count / 2)
    charges = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, charges[$0.key] ?? []) })
    total = charges.values.reduce(0) { $0 + $1.count }
  }
}

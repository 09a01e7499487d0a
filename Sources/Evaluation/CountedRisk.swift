// The risk so far of users, as a ledger would count it, for a policy that escalates.

/// Counts risk in memory, bounded, by the rule of `CountingRule`.
package struct CountedRisk: Sendable {
  /// One attachment of one object that one user asked for.
  private struct Key: Hashable {
    let user: String
    let object: String
    let pointer: String
  }

  /// When an attachment was counted.
  private struct Charges {
    /// The last to be charged, mostly the only one.
    var last: Timestamp
    /// Those before it.
    var earlier: [Timestamp] = []

    /// Whether none of them is the same event, or less than a window away.
    func allows(_ time: Timestamp, windowSeconds: Int64) -> Bool {
      // The same moment is the same event, also where nothing is deduplicated.
      func isFar(_ other: Timestamp) -> Bool {
        let distance = abs(time.microseconds - other.microseconds)
        return distance > 0 && distance >= windowSeconds * 1_000_000
      }
      return isFar(last) && earlier.allSatisfy(isFar)
    }

    mutating func add(_ time: Timestamp) {
      earlier.append(last)
      last = time
      if earlier.count > CountedRisk.timesMax { earlier.removeFirst() }
    }
  }

  /// Attachments that are remembered as counted.
  private static let entriesMax = 200_000

  /// Earlier charges that are remembered of one; an event that is delivered again comes soon after it, or not at all.
  private static let timesMax = 64

  private var tally = RiskTally()
  private var counted = RecentEntries<Key, Charges>(entriesMax: entriesMax)

  /// Begins with nothing.
  package init() {}

  /// Charges an event if it counts; one that is delivered again does not.
  package mutating func add(_ event: RiskEvent) {
    guard CountingRule.isEligible(event) else { return }
    let key = Key(user: event.riskObject, object: CountingRule.objectKey(event), pointer: event.attachment.pointer)
    if var charges = counted[key] {
      guard charges.allows(event.time, windowSeconds: event.deduplicationSeconds) else { return }
      charges.add(event.time)
      counted[key] = charges
    } else {
      counted[key] = Charges(last: event.time)
    }
    tally.add(event.riskScore, to: event.riskObject, at: event.time)
  }

  /// What a user was charged with in the window that ends at a moment.
  package func risk(of user: String, at time: Timestamp, windowSeconds: Int64) -> Int {
    tally.risk(of: user, at: time, windowSeconds: windowSeconds)
  }
}

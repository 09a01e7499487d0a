// The risk so far of users, as a ledger would count it, for a policy that escalates.

/// Counts risk in memory, bounded, by the rule of `CountingRule`.
package struct CountedRisk: Sendable {
  /// One attachment of one object that one user asked for.
  private struct Key: Hashable {
    let user: String
    let object: String
    let pointer: String
  }

  /// Attachments that are remembered as counted.
  private static let entriesMax = 200_000

  private var tally = RiskTally()
  private var counted = RecentEntries<Key, Timestamp>(entriesMax: entriesMax)

  /// Begins with nothing.
  package init() {}

  /// Charges an event if it counts; one that is delivered again does not.
  package mutating func add(_ event: RiskEvent) {
    guard CountingRule.isEligible(event) else { return }
    let key = Key(user: event.riskObject, object: CountingRule.objectKey(event), pointer: event.attachment.pointer)
    if let last = counted[key] {
      // The same moment is the same event, also where nothing is deduplicated.
      let distance = abs(event.time.microseconds - last.microseconds)
      guard distance > 0, distance >= event.deduplicationSeconds * 1_000_000 else { return }
    }
    counted[key] = event.time
    tally.add(event.riskScore, to: event.riskObject, at: event.time)
  }

  /// What a user was charged with in the window that ends at a moment.
  package func risk(of user: String, at time: Timestamp, windowSeconds: Int64) -> Int {
    tally.risk(of: user, at: time, windowSeconds: windowSeconds)
  }
}

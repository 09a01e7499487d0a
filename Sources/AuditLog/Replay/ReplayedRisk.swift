// The risk so far of users in a log, for a policy that escalates.

internal import Evaluation

/// Counts risk as a ledger would, in the order of the log.
struct ReplayedRisk {
  private var tally = RiskTally()
  private var counted = RecentEntries<ObjectKey, Timestamp>(entriesMax: AuditLogLimits.rememberedObjectsMax)

  /// Charges what counts: the same attachment of the same object by the same user once in its time.
  mutating func add(_ events: [RiskEvent]) {
    for event in events where CountingRule.isEligible(event) {
      let key = ObjectKey([event.riskObject, CountingRule.objectKey(event), event.attachment.pointer])
      if let last = counted[key],
        abs(event.time.microseconds - last.microseconds) < event.deduplicationSeconds * 1_000_000
      {
        continue
      }
      counted[key] = event.time
      tally.add(event.riskScore, to: event.riskObject, at: event.time)
    }
  }

  /// What a user was charged with in the window that ends at a moment.
  func risk(of user: String, at time: Timestamp, windowSeconds: Int64) -> Int {
    tally.risk(of: user, at: time, windowSeconds: windowSeconds)
  }
}

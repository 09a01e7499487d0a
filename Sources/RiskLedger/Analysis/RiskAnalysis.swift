// What a ledger says about a period: who did how much, where, and when it was too much.

package import Evaluation

/// A period, and what of it is asked for.
package struct RiskPeriod: Sendable, Equatable {
  /// The first moment of it; nil for all there is.
  package var since: Timestamp?
  /// The first moment after it.
  package var until: Timestamp?
  package var riskObject: String?
  package var namespace: String?

  /// Creates a period; without conditions it is all of the ledger.
  package init(
    since: Timestamp? = nil,
    until: Timestamp? = nil,
    riskObject: String? = nil,
    namespace: String? = nil
  ) {
    self.since = since
    self.until = until
    self.riskObject = riskObject
    self.namespace = namespace
  }
}

/// What one risk object (Splunk ES 8: entity) did in a period.
package struct RiskObjectSummary: Sendable, Equatable {
  package let riskObject: String
  package let riskObjectType: String
  /// The sum of the scores that counted.
  package let score: Int
  /// Events whose score was charged.
  package let counted: Int
  /// All events, the evidence included.
  package let events: Int
  package let firstSeen: Timestamp
  package let lastSeen: Timestamp
  /// In the order of their bytes; empty for cluster-scoped objects.
  package let namespaces: [String]
}

/// How many events ended how.
package struct DecisionCounts: Sendable, Equatable {
  package private(set) var allowed = 0
  package private(set) var warned = 0
  package private(set) var denied = 0

  /// Begins with nothing.
  package init() {}

  /// All of them.
  package var total: Int { allowed + warned + denied }

  mutating func add(_ count: Int, _ decision: Verdict) {
    switch decision {
    case .allow: allowed += count
    case .warn: warned += count
    case .deny: denied += count
    }
  }
}

/// Events of one namespace, or of one stretch of time.
package struct RiskGroup<Key: Sendable & Equatable>: Sendable, Equatable {
  package let key: Key
  /// The sum of the scores that counted.
  package internal(set) var score = 0
  package internal(set) var decisions = DecisionCounts()
}

/// The whole of a period.
package struct RiskOverview: Sendable, Equatable {
  package internal(set) var score = 0
  package internal(set) var counted = 0
  package internal(set) var decisions = DecisionCounts()
  package internal(set) var riskObjects = 0
  /// By score and number of events; cluster-scoped objects are the empty namespace.
  package internal(set) var namespaces: [RiskGroup<String>] = []
  package internal(set) var bucketSeconds: Int64 = 3_600
  /// One after the other, also those in which nothing happened.
  package internal(set) var timeline: [RiskGroup<Timestamp>] = []

  /// Begins with nothing.
  package init() {}
}

// Which events a reader of the ledger wants.

package import Evaluation

/// Conditions on events; all that are given must hold.
package struct RiskEventQuery: Sendable, Equatable {
  /// In which order events come.
  package enum Order: Sendable {
    /// By time and then by id.
    case earliestFirst
    case latestFirst
    /// As they were recorded.
    case recorded
  }

  package var period: RiskPeriod
  package var decision: Verdict?
  /// Whether the score was charged.
  package var counted: Bool?
  /// The most events to return, the first in their order; nil for all, and nothing below 1.
  package var limit: Int?
  package var order: Order

  /// Creates a query; without conditions it matches everything.
  package init(
    _ period: RiskPeriod = RiskPeriod(),
    decision: Verdict? = nil,
    counted: Bool? = nil,
    limit: Int? = nil,
    order: Order = .earliestFirst
  ) {
    self.period = period
    self.decision = decision
    self.counted = counted
    self.limit = limit
    self.order = order
  }
}

// When risk becomes an incident: the sum of a window, as Splunk Enterprise Security's risk incident rule has it.

package import Evaluation

/// When the risk of one risk object is too much.
///
/// Source of the defaults: Splunk Enterprise Security, "Risk Threshold Exceeded For Object Over 24 Hour Period": a sum
/// strictly above 100 within 24 hours. Its other rule wants 3 ATT&CK tactics and 4 sources, which one analytic never has.
package struct RiskThreshold: Sendable, Equatable {
  /// The sum that is not too much yet.
  package var score = 100
  package var windowSeconds: Int64 = 24 * 3_600

  /// Creates Enterprise Security's own.
  package init() {}
}

/// A time in which the charges of a risk object added up to too much (Splunk ES: notable; ES 8: finding).
package struct RiskIncident: Sendable, Equatable {
  /// As Enterprise Security grades the sum.
  package enum Severity: String, Sendable, CaseIterable, Comparable {
    case medium
    case high
    case critical

    /// Source: Splunk Enterprise Security 7.0, default correlation searches: medium below 250, high below 500.
    init(score: Int) { self = score >= 500 ? .critical : score >= 250 ? .high : .medium }

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The same as long as it grows: by its risk object and its first charge.
  package let id: String
  package let riskObject: String
  package let riskObjectType: String
  package let threshold: RiskThreshold
  /// What was asked for when it was found; nothing else is evidence.
  let period: RiskPeriod
  /// The most that any window of it summed up to.
  package internal(set) var score: Int
  /// Its first charge.
  package let since: Timestamp
  /// Its last charge.
  package internal(set) var until: Timestamp
  /// Charges from the first to the last.
  package internal(set) var counted: Int
  /// All events of the risk object from the first charge to the last, and what controllers derived from a charge until a
  /// window after the last one, as ReplicaSets and pods come after their Deployment; 0 until evidence was asked for.
  package internal(set) var events = 0
  /// Where they were, in the order of their bytes.
  package internal(set) var namespaces: [String] = []
  /// Those of them that were asked for, the earliest first; what was derived may be later than `until`.
  package internal(set) var evidence: [RecordedRiskEvent] = []

  /// Events that are not in `evidence`.
  package var evidenceLeftOut: Int { events - evidence.count }

  /// How grave it is.
  package var severity: Severity { Severity(score: score) }
}

/// One charge, for finding incidents.
struct RiskCharge {
  let riskObject: String
  let riskObjectType: String
  let time: Timestamp
  let score: Int
  let eventID: String
}

/// Finds incidents in charges that come by risk object and time.
struct IncidentFinder {
  private let threshold: RiskThreshold
  private let period: RiskPeriod
  private(set) var incidents: [RiskIncident] = []
  /// The charges of the risk object at hand, the window behind them, and its sum.
  private var charges: [RiskCharge] = []
  private var windowStart = 0
  private var sum = 0
  /// The place of the first charge of the incident at hand.
  private var incidentStart: Int?

  /// Will take the charges of a period.
  init(_ threshold: RiskThreshold, in period: RiskPeriod) { (self.threshold, self.period) = (threshold, period) }

  /// Takes the next charge.
  mutating func add(_ charge: RiskCharge) {
    if charge.riskObject != charges.last?.riskObject { (charges, windowStart, sum, incidentStart) = ([], 0, 0, nil) }
    charges.append(charge)
    sum += charge.score
    let start = charge.time.adding(seconds: -threshold.windowSeconds)
    while charges[windowStart].time <= start {
      sum -= charges[windowStart].score
      windowStart += 1
    }
    guard sum > threshold.score else { return }
    // Windows that have a charge in common are one incident.
    if let first = incidentStart, let last = incidents.indices.last, charges[windowStart].time <= incidents[last].until
    {
      incidents[last].score = max(incidents[last].score, sum)
      incidents[last].until = charge.time
      incidents[last].counted = charges.count - first
    } else {
      incidentStart = windowStart
      let first = charges[windowStart]
      incidents.append(
        RiskIncident(
          id: "\(first.eventID)@\(threshold.windowSeconds)",
          riskObject: charge.riskObject,
          riskObjectType: charge.riskObjectType,
          threshold: threshold,
          period: period,
          score: sum,
          since: first.time,
          until: charge.time,
          counted: charges.count - windowStart
        )
      )
    }
  }
}

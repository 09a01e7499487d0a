// How much of a log could be judged, and what is missing from the rest.

/// A write of pods or workloads whose body the log does not have.
package struct CoverageGap: Sendable, Hashable {
  /// Why there is no body.
  package enum Reason: String, Sendable, CaseIterable {
    /// The audit policy logs these writes at level Metadata (or Request without a body).
    case metadataLevel
    /// The API server dropped the bodies of a large event (annotation `audit.k8s.io/truncated`).
    case truncated
    /// The log service cut the event off (`[Truncated...]`).
    case cutByLogService
    /// The log service left the body out for its size (AKS).
    case oversized
    /// The body is there and cannot be judged: `hostNetwork` is no boolean, or there are too many pod specs.
    case unjudgeable
  }

  /// The API group, empty for the core group.
  package var group: String
  /// The resource and its subresource, as an audit policy names it: `pods`, `pods/ephemeralcontainers`.
  package var resource: String
  package var reason: Reason

  /// Creates a gap.
  package init(group: String, resource: String, reason: Reason) {
    self.group = group
    self.resource = resource
    self.reason = reason
  }
}

/// What of a log was judged.
package struct Coverage: Sendable, Equatable {
  /// Events of any kind that were read.
  package var events = 0
  /// Writes of pods, workloads and custom resources, accepted or not, whose body is in the log.
  package var judgedWrites = 0
  /// Requests that write anything, whose last event is in the log.
  package var endedWrites = 0
  /// Events of such requests that are not their last.
  package var earlyEvents = 0
  /// Accepted writes of pods and workloads that could not be judged, by what and why.
  package var gaps: [CoverageGap: Int] = [:]
  /// Accepted writes of custom resources without a body: some kinds make pods, most do not.
  package var customResourceGaps: [CoverageGap: Int] = [:]

  /// Creates the coverage of nothing.
  package init() {}

  /// Writes of pods and workloads that could not be judged.
  package var unjudgedWrites: Int { gaps.values.reduce(0, +) }

  /// Whether writes begin in the log, and not one of them ends: then what they did is nowhere to be seen.
  package var lacksEnds: Bool { earlyEvents > 0 && endedWrites == 0 }

  /// Resources told apart; names of custom resources are chosen by whoever writes them.
  package static let resourcesMax = 500

  /// Counts one more write that could not be judged.
  package mutating func count(_ gap: CoverageGap, isCustom: Bool, times: Int = 1) {
    if isCustom { Self.add(times, of: gap, to: &customResourceGaps) } else { Self.add(times, of: gap, to: &gaps) }
  }

  /// Counts an event of a request that writes.
  mutating func countWrite(isEnd: Bool) {
    if isEnd { endedWrites += 1 } else { earlyEvents += 1 }
  }

  /// Adds what another part of the log covers.
  package mutating func add(_ other: Coverage) {
    events += other.events
    judgedWrites += other.judgedWrites
    endedWrites += other.endedWrites
    earlyEvents += other.earlyEvents
    for (gap, times) in other.gaps { count(gap, isCustom: false, times: times) }
    for (gap, times) in other.customResourceGaps { count(gap, isCustom: true, times: times) }
  }

  private static func add(_ times: Int, of gap: CoverageGap, to gaps: inout [CoverageGap: Int]) {
    let isKnown = gaps[gap] != nil || gaps.count < resourcesMax
    gaps[isKnown ? gap : CoverageGap(group: "", resource: "others", reason: gap.reason), default: 0] += times
  }
}

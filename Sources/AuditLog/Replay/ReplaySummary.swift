// What is said at the end of a replay.

package import Evaluation

/// Counts of what would have been denied and warned about, for one name.
package struct VerdictCounts: Sendable, Equatable {
  package var denied = 0
  package var warned = 0
  package var allowed = 0

  /// Creates counts of nothing.
  package init() {}

  /// Counts one more.
  package mutating func add(_ verdict: Verdict) {
    switch verdict {
    case .deny: denied += 1
    case .warn: warned += 1
    case .allow: allowed += 1
    }
  }

  /// All of them.
  package var total: Int { denied + warned + allowed }
}

/// Verdicts by name; bounded, so that a log with a million names does not fill the memory.
package struct VerdictTally: Sendable, Equatable {
  /// Names counted apart.
  package static let namesMax = 20_000

  package private(set) var counts: [String: VerdictCounts] = [:]
  /// What came after `namesMax` names.
  package private(set) var others = VerdictCounts()

  /// Creates a tally of nothing.
  package init() {}

  /// Counts a verdict for a name.
  package mutating func add(_ verdict: Verdict, for name: String) {
    if counts[name] == nil, counts.count >= Self.namesMax {
      others.add(verdict)
    } else {
      counts[name, default: VerdictCounts()].add(verdict)
    }
  }

  /// The names with the most denials, then warnings, then in the order of their bytes.
  package func top(_ count: Int) -> [(name: String, counts: VerdictCounts)] {
    let sorted = counts.sorted { left, right in
      let (a, b) = (left.value, right.value)
      if a.denied != b.denied { return a.denied > b.denied }
      if a.warned != b.warned { return a.warned > b.warned }
      if a.allowed != b.allowed { return a.allowed > b.allowed }
      return left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }
    return sorted.prefix(count).map { (name: $0.key, counts: $0.value) }
  }
}

/// A place in a log that could not be read.
package struct UnreadablePlace: Sendable, Equatable {
  package var file: String
  /// From 1; 0 when the whole file is meant.
  package var line: Int
  package var message: String

  /// Creates a place.
  package init(file: String, line: Int, message: String) {
    self.file = file
    self.line = line
    self.message = message
  }
}

/// What became of an exemption in a replay.
package struct ExemptionUse: Sendable, Equatable {
  package var id: String
  /// Nil for one without an end.
  package var expires: Timestamp?
  /// Attachments that it freed.
  package var freed = 0

  /// Creates the use of an exemption that freed nothing yet.
  package init(_ exemption: Exemption) {
    id = exemption.id
    expires = exemption.expires
  }
}

/// What is said at the end of a replay.
package struct ReplaySummary: Sendable, Equatable {
  /// Places named one by one; the rest is only counted.
  package static let placesMax = 100

  /// The mode of namespaces for which the policy has no rule.
  package var mode: Mode
  /// Which policy decided; see `Policy.revision`.
  package var policyRevision: String
  /// Whether the policy is nothing but a mode.
  package var isModeOnly: Bool
  /// Whether nothing is judged.
  package var isOff: Bool
  /// The mode that stands in place of all modes of the policy.
  package var replacedMode: Mode?
  /// One for each exemption of the policy, in its order.
  package var exemptions: [ExemptionUse]
  /// Whether only some requests were asked for.
  package var isFiltered = false
  /// Whether others read the rest of the files.
  package var isShard = false
  package var files = 0
  /// As read from the disk, compressed where the files are.
  package var bytes = 0
  package var lines = 0
  package var coverage = Coverage()
  /// Records that are no audit events: other logs' lines.
  package var otherRecords = 0
  /// Events delivered twice (the same `auditID` and stage), judged once.
  package var duplicates = 0
  /// Requests with attachments, by what became of them; `written` are those the other counts below speak of.
  package var written = VerdictCounts()
  package var dryRuns = VerdictCounts()
  package var rejected = VerdictCounts()
  /// Of the written: how many updates whose earlier state the log does not tell.
  package var unknownPrevious = 0
  package var byUser = VerdictTally()
  package var byNamespace = VerdictTally()
  /// `Deployment payments/api`; objects named by the API server count under their prefix and `*`.
  package var byWorkload = VerdictTally()
  /// The controller that made the object, `DaemonSet kube-system/kube-proxy`; `none` for objects without one.
  package var byOwner = VerdictTally()
  package var byImage = VerdictTally()
  /// Findings by the hour (UTC) they happened in, as in `2026-11-23T16`.
  package var byHour = VerdictTally()
  package var firstEvent: Timestamp?
  package var lastEvent: Timestamp?
  /// Places that could not be read: the first `placesMax`, and how many in all.
  package var unreadable: [UnreadablePlace] = []
  package var unreadableCount = 0
  /// Files whose last record is cut off, which a log that is being written always has.
  package var cutLastRecords: [UnreadablePlace] = []
  /// Risk events that the ledger has now, whether it had them before or not.
  package var recordedEvents = 0

  /// Creates the summary of nothing.
  package init(policy: Policy) {
    mode = policy.enforcement.mode
    policyRevision = policy.revision
    isModeOnly = policy.isModeOnly
    isOff = policy.isOff
    replacedMode = policy.replacedMode
    exemptions = policy.exemptions.map(ExemptionUse.init)
  }

  /// Counts what the exemptions freed.
  mutating func count(_ attachments: [Decision.JudgedAttachment]) {
    for attachment in attachments {
      guard let id = attachment.exemption, let place = exemptions.firstIndex(where: { $0.id == id }) else { continue }
      exemptions[place].freed += 1
    }
  }

  /// Whether files that are not empty hold no audit event; a part of the files may be like that.
  package var isNoAuditLog: Bool { lines > 0 && coverage.events == 0 && !isShard }

  /// Requests with attachments, whatever became of them.
  package var findings: Int { written.total + dryRuns.total + rejected.total }
}

extension ReplaySummary {
  /// Counts a finding under everything that reports list.
  mutating func count(_ finding: ReplayFinding) {
    let verdict = finding.decision.verdict
    switch finding.outcome {
    case .dryRun: return dryRuns.add(verdict)
    case .rejected: return rejected.add(verdict)
    case .written: written.add(verdict)
    }
    let subject = finding.subject
    if finding.previous == .unknown { unknownPrevious += 1 }
    byUser.add(verdict, for: subject.user.username)
    byNamespace.add(verdict, for: subject.namespace)
    let place = subject.namespace.isEmpty ? "" : "\(subject.namespace)/"
    byWorkload.add(
      verdict,
      for: "\(subject.kind.kind) \(place)\(finding.generateName.map { "\($0)*" } ?? subject.name)"
    )
    byOwner.add(verdict, for: subject.controller.map { "\($0.kind) \(place)\($0.name)" } ?? "none")
    for image in Set(finding.decision.attachments.flatMap { $0.attachment.containers.map(\.image) }) {
      byImage.add(verdict, for: image)
    }
    byHour.add(verdict, for: String(subject.time.description.prefix(13)))
  }
}

// What of a log could not be judged, in words.

internal import AuditLog

/// The words of coverage gaps, for every report.
enum CoverageText {
  /// What could not be judged, the most first, then by name.
  static func sorted(_ gaps: [CoverageGap: Int]) -> [(gap: CoverageGap, count: Int)] {
    let sorted = gaps.sorted { left, right in
      if left.value != right.value { return left.value > right.value }
      return (name(left.key), left.key.reason.rawValue) < (name(right.key), right.key.reason.rawValue)
    }
    return sorted.map { (gap: $0.key, count: $0.value) }
  }

  /// As kubectl names a resource: `pods`, `deployments.apps`, `pods/resize`.
  static func name(_ gap: CoverageGap) -> String {
    guard !gap.group.isEmpty else { return gap.resource }
    let parts = gap.resource.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    return ([String(parts[0]) + "." + gap.group] + parts.dropFirst().map(String.init)).joined(separator: "/")
  }

  /// Why there is nothing to judge.
  static func words(_ reason: CoverageGap.Reason) -> String {
    switch reason {
    case .metadataLevel: "logged without a body (level Metadata)"
    case .truncated: "body dropped by the API server for its size"
    case .cutByLogService: "cut off by the log service"
    case .oversized: "body left out by the log service for its size"
    case .unjudgeable: "the body cannot be judged"
    }
  }

  /// What to do about one of the reasons that occur.
  struct Remedy: Equatable {
    var words: String
    /// Lines to paste.
    var yaml: String?
  }

  /// What to do about each reason that occurs.
  static func remedies(_ coverage: Coverage) -> [Remedy] {
    let reasons = Set(coverage.gaps.keys.map(\.reason))
    return CoverageGap.Reason.allCases.filter(reasons.contains).map { reason in
      Remedy(words: remedy(reason), yaml: reason == .metadataLevel ? AuditPolicyAdvice.yaml(coverage) : nil)
    }
  }

  /// What could not be judged, in one sentence; nil when everything was.
  static func verdict(_ summary: ReplaySummary, semantics: ReplaySemantics = .hostfence) -> String? {
    let unjudged = summary.coverage.unjudgedWrites
    guard unjudged > 0 else { return nil }
    let writes = "\(NumberText.counted(unjudged, "write")) of pods and workloads could not be judged"
    // Of a filtered replay it is not known how many of those asked for could.
    let judged = summary.isFiltered ? nil : "\(NumberText.counted(summary.coverage.judgedWrites, "write")) could"
    guard semantics == .hostfence, summary.findings == 0 else { return "\(writes)\(judged.map { ", \($0)" } ?? "")." }
    return "No findings, but \(writes)\(judged.map { " (\($0))" } ?? ""): this is not a clean bill."
  }

  /// Why a log as a whole tells nothing; nil when it does.
  static func emptiness(_ summary: ReplaySummary) -> String? {
    if summary.isNoAuditLog {
      return """
        There is no audit event in \(NumberText.counted(summary.lines, "line")): is this a Kubernetes audit log? Nothing was \
        judged.
        """
    }
    guard summary.coverage.lacksEnds else { return nil }
    return """
      The log tells how writes began (\(NumberText.counted(summary.coverage.earlyEvents, "event"))), and of none how it \
      ended, so none could be judged: take ResponseComplete out of omitStages in the API server's audit policy.
      """
  }

  private static func remedy(_ reason: CoverageGap.Reason) -> String {
    switch reason {
    case .metadataLevel:
      """
      Add to the API server's audit policy the rule below. Where a provider keeps the policy, its log cannot tell; \
      hostfence serve sees the same writes as they happen.
      """
    case .truncated:
      """
      Raise the API server's --audit-log-truncate-max-event-size (for a webhook backend: \
      --audit-webhook-truncate-max-event-size).
      """
    case .cutByLogService:
      """
      Read the log from where it is whole: from the API server's file, or from a log service that takes longer records. \
      Level Request in place of RequestResponse about halves them.
      """
    case .oversized:
      """
      The log service decides what is too large; hostfence serve sees the same writes as they happen, and hostfence check \
      reads their manifests.
      """
    case .unjudgeable:
      "Look at these objects themselves: hostNetwork is no boolean there, or there are more pod specs than are judged."
    }
  }
}

// What `serve --audit-webhook` does with a batch: a replay that never ends.

internal import AdmissionServer
internal import AuditLog
internal import Evaluation

/// Judges the audit events that the API server delivers, as `hostfence replay` judges those of a file.
struct AuditWebhookJudge: AuditBatchJudge {
  /// Collects what one batch comes to.
  private struct Batch: ReplayHandler {
    var result = AuditBatchResult()

    mutating func receive(_ finding: ReplayFinding) {
      result.riskEvents += finding.riskEvents
      result.findings[finding.decision.verdict, default: 0] += 1
    }

    mutating func receive(_ compared: ComparedEvent) {}
  }

  /// Every key of `AuditBatchResult.unjudgedWrites`.
  static let unjudgedReasons = CoverageGap.Reason.allCases.map(\.rawValue)

  private let engine: ReplayEngine<Batch>
  private var policy: PolicyFollower

  /// Creates a judge that has seen nothing yet.
  init(policy: PolicyInForce) {
    self.policy = PolicyFollower(policy)
    let settings = ReplaySettings(policy: self.policy.first, recordBytesMax: ServerLimits.auditBodyBytesMax)
    engine = ReplayEngine(settings, handler: Batch())
    engine.begin(file: "audit webhook")
  }

  mutating func judge(_ body: [UInt8]) throws(UnreadableAuditBatch) -> AuditBatchResult {
    if let changed = policy.change() { engine.adopt(changed) }
    let coverage = engine.summary.coverage
    let duplicates = engine.summary.duplicates
    engine.handler = Batch()
    guard engine.read(record: body) else {
      throw UnreadableAuditBatch("the body is no EventList, Event or list of events of audit.k8s.io/v1")
    }
    var result = engine.handler.result
    result.events = engine.summary.coverage.events - coverage.events
    result.duplicates = engine.summary.duplicates - duplicates
    for (gap, count) in engine.summary.coverage.gaps {
      let added = count - (coverage.gaps[gap] ?? 0)
      if added > 0 { result.unjudgedWrites[gap.reason.rawValue, default: 0] += added }
    }
    return result
  }
}

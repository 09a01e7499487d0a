// Judges batches and sees that what was found is durable.

internal import Evaluation
internal import RiskLedger

/// What the thread of an `AuditQueue` does with a batch.
struct AuditConsumer {
  private var judge: any AuditBatchJudge
  private let recorder: RiskRecorder
  private let metrics: AuditMetrics
  /// Found, and not in the ledger yet.
  ///
  /// A judge that remembers what it saw does not find them a second time when the API server sends their batch again.
  /// They are those of one batch: no further one is judged before they are durable.
  private var unrecorded: ArraySlice<RiskEvent> = []

  init(judge: any AuditBatchJudge, recorder: RiskRecorder, metrics: AuditMetrics) {
    self.judge = judge
    self.recorder = recorder
    self.metrics = metrics
  }

  /// Whether there is something to try again, even if no batch comes.
  var hasUnrecorded: Bool { !unrecorded.isEmpty }

  /// Judges a batch and waits until its risk events are durable.
  mutating func take(_ body: [UInt8]) -> AuditOutcome {
    if let error = record() { return .notRecorded(error.description) }
    do throws(UnreadableAuditBatch) {
      let result = try judge.judge(body)
      metrics.count(result)
      unrecorded = result.riskEvents[...]
    } catch {
      return .unreadable(error.description)
    }
    if let error = record() { return .notRecorded(error.description) }
    return .recorded
  }

  /// Writes what is not durable yet; says why when it cannot.
  @discardableResult
  mutating func record() -> LedgerError? {
    while !unrecorded.isEmpty {
      let part = unrecorded.prefix(ServerLimits.auditEventsPerSubmission)
      if let error = recorder.recordWaiting(Array(part)) { return error }
      unrecorded = unrecorded.dropFirst(part.count)
    }
    unrecorded = []
    return nil
  }

  /// Gives up what the ledger still does not take, audibly.
  mutating func end() {
    guard let error = record() else { return }
    recorder.giveUp(Array(unrecorded), error)
    unrecorded = []
  }
}

// Judges audit batches on a thread of its own, so that they never hold up a review.

internal import NIOCore
internal import RiskLedger
internal import Threads

/// Takes the API server's audit batches: a bounded backlog and one thread that judges.
///
/// One thread, because the judgement of an update rests on what came before it.
package final class AuditQueue: Sendable {
  let backlog: AuditBacklog
  let metrics: AuditMetrics
  private let thread: WorkerThread

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - limitBytes: how large all bodies in memory may be together; no single one may be larger either.
  ///   - recorder: keeps the risk events.
  ///   - metrics: gets the families `hostfence_audit_*`; one queue for each.
  ///   - unjudgedReasons: every key that `AuditBatchResult.unjudgedWrites` can have.
  ///   - judge: makes the judge; called once, on the thread that then uses it.
  package init(
    limitBytes: Int = ServerLimits.auditQueueBytesMax,
    recorder: RiskRecorder,
    metrics: Metrics,
    unjudgedReasons: [String],
    judge: @escaping @Sendable () -> any AuditBatchJudge
  ) {
    let backlog = AuditBacklog(limitBytes: limitBytes)
    let auditMetrics = AuditMetrics(metrics, backlog, unjudgedReasons: unjudgedReasons)
    self.backlog = backlog
    self.metrics = auditMetrics
    thread = WorkerThread {
      var consumer = AuditConsumer(judge: judge(), recorder: recorder, metrics: auditMetrics)
      while var batches = backlog.next(timeoutMilliseconds: Self.timeoutMilliseconds(consumer)) {
        if batches.isEmpty { consumer.record() }
        // Each body is let go of with its room, not when all are done.
        batches.reverse()
        while let batch = batches.popLast() {
          let outcome = consumer.take(batch.body)
          backlog.finish(batch)
          batch.completion(outcome)
        }
      }
      consumer.end()
    }
  }

  deinit { close() }

  /// The answer to a batch that needs not be sent again; the API server looks at the status code only.
  static let acknowledgement = ByteBuffer(string: #"{"kind":"Status","apiVersion":"v1","status":"Success"}"#)

  /// The largest body, in bytes.
  var bodyBytesMax: Int { min(ServerLimits.auditBodyBytesMax, backlog.limitBytes) }

  /// Takes no more, judges what waits and ends the thread.
  ///
  /// The recorder's ledger must still be open. May be called again and from any thread.
  package func close() {
    backlog.close()
    thread.join()
  }

  /// What the ledger did not take is tried again by itself: perhaps no batch ever comes again.
  private static func timeoutMilliseconds(_ consumer: AuditConsumer) -> Int? {
    consumer.hasUnrecorded ? LedgerLimits.recoveryIntervalMilliseconds : nil
  }
}

// Writes batches, reports on each submission, and gets a failed ledger going again.

internal import Evaluation

/// What the thread of a `LedgerWriter` does; it alone holds the ledger.
struct LedgerWorker {
  let queue: LedgerQueue
  let health: LedgerHealth
  let observer: @Sendable ([RecordedRiskEvent]) -> Void
  var ledger: KeptLedger
  /// Nil when events are kept for ever.
  var pruner: LedgerPruner?

  /// Runs until the queue is closed and empty.
  mutating func run() {
    while let batch = queue.next(timeoutMilliseconds: timeoutMilliseconds) {
      if !batch.isEmpty { record(batch) } else if health.error != nil { recover() }
      prune()
    }
  }

  /// A healthy ledger is left alone until a step of pruning is due.
  ///
  /// A failed one is tried by itself: with readiness gone, nobody may submit any more.
  private var timeoutMilliseconds: Int? {
    health.error == nil ? pruner?.waitMilliseconds : LedgerLimits.recoveryIntervalMilliseconds
  }

  /// Takes one step of pruning when it is due, however much waits to be written: a step is short.
  ///
  /// Where it fails, events may be kept all the same, so that health is none of its business.
  private mutating func prune() {
    guard health.error == nil, var pruner, pruner.waitMilliseconds == 0 else { return }
    do throws(LedgerError) {
      try ledger.use { ledger throws(LedgerError) in try pruner.step(ledger) }
    } catch {
      pruner.fail(error)
    }
    self.pruner = pruner
  }

  private mutating func recover() {
    do throws(LedgerError) {
      try ledger.use { ledger throws(LedgerError) in try ledger.verifyWritable() }
      health.set(nil)
    } catch {
      note(error)
    }
  }

  /// Writes a batch in one transaction; if that fails, one by one, so that nobody pays for a neighbour's event.
  private mutating func record(_ batch: [LedgerSubmission]) {
    let error: LedgerError
    switch append(batch.flatMap(\.events)) {
    case .success(let recorded):
      for submission in batch { submission.completion(.success(())) }
      if !recorded.isEmpty { observer(recorded) }
      return
    case .failure(let failure): error = failure
    }
    guard batch.count > 1, error.mayConcernOneSubmission else {
      for submission in batch { submission.completion(.failure(error)) }
      return
    }
    for submission in batch { record([submission]) }
  }

  private mutating func append(_ events: [RiskEvent]) -> Result<[RecordedRiskEvent], LedgerError> {
    // Where nothing is to be kept, nothing is learnt of the ledger either.
    guard !events.isEmpty else { return .success([]) }
    do throws(LedgerError) {
      // An id that is known already changes nothing, so a batch may come twice.
      let recorded = try ledger.use { ledger throws(LedgerError) in try ledger.append(events) }
      health.set(nil)
      return .success(recorded)
    } catch {
      note(error)
      return .failure(error)
    }
  }

  private func note(_ error: LedgerError) {
    if !error.concernsEventOnly { health.set(error) }
  }
}

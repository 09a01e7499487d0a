// Writes batches, reports on each submission, and gets a failed ledger going again.

internal import Evaluation

/// What the thread of a `LedgerWriter` does; it alone holds the ledger.
struct LedgerWorker {
  let queue: LedgerQueue
  let health: LedgerHealth
  let open: @Sendable () throws(LedgerError) -> any RiskLedger
  let observer: @Sendable ([RecordedRiskEvent]) -> Void
  /// How long events are kept, and the clock for it; nil for ever.
  let retention: (keep: LedgerRetention, now: @Sendable () -> Timestamp)?
  /// Nil when it has to be opened again.
  var ledger: (any RiskLedger)?
  /// Where a pass over the expired events goes on; nil at its beginning.
  var pruned: PruningCursor?
  /// Whether a pass is under way.
  var isPruning = true

  /// Runs until the queue is closed and empty.
  mutating func run() {
    while let batch = queue.next(timeoutMilliseconds: timeoutMilliseconds) {
      if !batch.isEmpty { record(batch) } else if health.error == nil { prune() } else { recover() }
    }
  }

  /// A healthy ledger is left alone.
  ///
  /// A failed one is tried by itself: with readiness gone, nobody may submit any more.
  private var timeoutMilliseconds: Int? {
    guard health.error == nil else { return LedgerLimits.recoveryIntervalMilliseconds }
    guard retention != nil else { return nil }
    return isPruning ? LedgerLimits.prunePauseMilliseconds : LedgerLimits.pruneIntervalMilliseconds
  }

  /// Deletes some expired events while nothing waits to be written.
  private mutating func prune() {
    guard let retention else { return }
    do throws(LedgerError) {
      let (now, limit) = (retention.now(), LedgerLimits.prunedEventsMax)
      pruned = try openedLedger().prune(retention.keep, at: now, after: pruned, limit: limit).next
      isPruning = pruned != nil
    } catch {
      isPruning = false
      note(error)
    }
  }

  private mutating func recover() {
    do throws(LedgerError) {
      try openedLedger().verifyWritable()
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
      let recorded = try openedLedger().append(events)
      health.set(nil)
      return .success(recorded)
    } catch {
      note(error)
      return .failure(error)
    }
  }

  private mutating func openedLedger() throws(LedgerError) -> any RiskLedger {
    if let ledger { return ledger }
    let opened = try open()
    ledger = opened
    return opened
  }

  private mutating func note(_ error: LedgerError) {
    if !error.concernsEventOnly { health.set(error) }
    if error.needsReopening { ledger = nil }
  }
}

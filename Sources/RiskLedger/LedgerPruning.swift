// Deletes what is kept long enough, in steps that writers do not notice.

package import Evaluation
internal import Threads

/// Where a pass over the expired events of a ledger goes on: behind the last one that it looked at.
package struct PruningCursor: Sendable, Equatable {
  package let time: Timestamp
  /// As the ledger has it.
  package let id: String

  /// Creates a cursor.
  package init(time: Timestamp, id: String) {
    self.time = time
    self.id = id
  }
}

/// What one step of a pass did.
package struct PruningStep: Sendable, Equatable {
  /// Events that were deleted.
  package let deletedCount: Int
  /// Where the next step begins; nil when no expired event is left.
  package let next: PruningCursor?

  /// Creates a step.
  package init(deletedCount: Int, next: PruningCursor?) {
    self.deletedCount = deletedCount
    self.next = next
  }
}

/// How a writer prunes its ledger.
package struct LedgerPruning: Sendable {
  /// How long events are kept.
  let retention: LedgerRetention
  /// The clock for it.
  let now: @Sendable () -> Timestamp
  /// Gets the first of several errors in a row, on the writing thread.
  let notify: @Sendable (LedgerError) -> Void

  /// Creates it.
  ///
  /// - Parameters:
  ///   - retention: how long events are kept.
  ///   - now: the clock for it.
  ///   - notify: gets the first of several errors in a row, on the writing thread.
  package init(
    _ retention: LedgerRetention,
    now: @escaping @Sendable () -> Timestamp,
    notify: @escaping @Sendable (LedgerError) -> Void
  ) {
    self.retention = retention
    self.now = now
    self.notify = notify
  }
}

/// Goes over the expired events step by step, and begins anew some time after the last one.
///
/// When the next step is due does not hang on what else happens, so that a busy ledger is pruned as well.
struct LedgerPruner {
  private let pruning: LedgerPruning
  /// Nil at the beginning of a pass.
  private var cursor: PruningCursor?
  private var dueMilliseconds = MonotonicClock.milliseconds()
  private var isFailing = false

  init(_ pruning: LedgerPruning) { self.pruning = pruning }

  /// Milliseconds until the next step is due; 0 when it is.
  var waitMilliseconds: Int { max(0, dueMilliseconds - MonotonicClock.milliseconds()) }

  /// Takes one step.
  mutating func step(_ ledger: any RiskLedger) throws(LedgerError) {
    let step = try ledger.prune(
      pruning.retention,
      at: pruning.now(),
      after: cursor,
      limit: LedgerLimits.prunedEventsMax
    )
    cursor = step.next
    isFailing = false
    rest(step.next == nil ? LedgerLimits.pruneIntervalMilliseconds : LedgerLimits.prunePauseMilliseconds)
  }

  /// Notes that a step could not be taken; the pass goes on where it was after some time.
  mutating func fail(_ error: LedgerError) {
    if !isFailing { pruning.notify(error) }
    isFailing = true
    rest(LedgerLimits.pruneIntervalMilliseconds)
  }

  private mutating func rest(_ milliseconds: Int) { dueMilliseconds = MonotonicClock.milliseconds() + milliseconds }
}

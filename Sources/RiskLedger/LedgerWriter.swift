// Group commit: many submitters, one thread that writes, one transaction for all that wait.

package import Evaluation
internal import Threads

/// Writes risk events durably on a thread of its own; where there is nothing to write, it says so without one.
///
/// While one transaction is on its way to the disk, further submissions gather and go into the next one together, so
/// the rate does not hang on how long the disk takes to sync, and nobody waits on purpose for others to come.
package final class LedgerWriter: Sendable {
  /// The events wait here for the thread; nil where nothing is kept, and so nobody has to wait.
  private let queue: LedgerQueue?
  private let health = LedgerHealth()
  private let thread: WorkerThread?
  private let observer: @Sendable ([RecordedRiskEvent]) -> Void

  /// Opens a ledger and starts to write.
  ///
  /// - Parameters:
  ///   - queuedEventsMax: how many events may wait.
  ///   - pruning: how long events are kept; nil for ever.
  ///   - observer: gets what was recorded, in order, after the submitters have been told; called on the writing thread.
  ///   - open: opens the ledger, now and after a failure; called on the writing thread.
  /// - Throws: what `open` throws the first time.
  package init(
    queuedEventsMax: Int = LedgerLimits.queuedEventsMax,
    pruning: LedgerPruning? = nil,
    observer: @escaping @Sendable ([RecordedRiskEvent]) -> Void,
    open: @escaping @Sendable () throws(LedgerError) -> any RiskLedger
  ) throws(LedgerError) {
    let queue = LedgerQueue(limitEvents: queuedEventsMax)
    let health = health
    let opening = Monitor<Result<Void, LedgerError>?>(nil)
    self.queue = queue
    self.observer = observer
    thread = WorkerThread {
      do throws(LedgerError) {
        // The worker alone holds the ledger, as it is to be closed when it fails.
        var worker = LedgerWorker(
          queue: queue,
          health: health,
          observer: observer,
          ledger: KeptLedger(try open(), open: open),
          pruner: pruning.map(LedgerPruner.init)
        )
        opening.update { $0 = .success(()) }
        worker.run()
      } catch {
        opening.update { $0 = .failure(error) }
      }
    }
    try opening.wait { $0 }?.get()
  }

  /// Keeps nothing: `observer` gets all events, on the thread that submits them.
  private init(observer: @escaping @Sendable ([RecordedRiskEvent]) -> Void) {
    queue = nil
    thread = nil
    self.observer = observer
  }

  /// Opens the ledger that a URL names and starts to write.
  ///
  /// - Parameter observer: as above; without a ledger it is called on whatever thread submits.
  package convenience init(
    _ url: LedgerURL,
    pruning: LedgerPruning? = nil,
    observer: @escaping @Sendable ([RecordedRiskEvent]) -> Void
  ) throws(LedgerError) {
    if url == .none {
      self.init(observer: observer)
    } else {
      try self.init(
        pruning: pruning,
        observer: observer,
        open: { () throws(LedgerError) in try url.open(.readWrite) }
      )
    }
  }

  deinit { close() }

  /// Whether events are being kept.
  package var isHealthy: Bool { health.error == nil }

  /// Why events are not being kept; nil while they are.
  package var lastError: LedgerError? { health.error }

  /// Hands over events that belong together; all of them are kept or none.
  ///
  /// Never blocks.
  ///
  /// `completion` is called exactly once: with success when the events are durable, on the writing thread, in the order
  /// of submission; with `.overloaded`, `.overloadedBytes` or `.closed`, and where nothing is kept, at once on the calling
  /// thread. It must be quick, and hop to where its state lives.
  package func submit(
    _ events: [RiskEvent],
    completion: @escaping @Sendable (Result<Void, LedgerError>) -> Void
  ) {
    guard let queue else {
      completion(.success(()))
      if !events.isEmpty { observer(NullLedger().append(events)) }
      return
    }
    if let error = queue.add(LedgerSubmission(events: events, completion: completion)) { completion(.failure(error)) }
  }

  /// Takes no more, writes what waits, closes the ledger and ends the thread; without a ledger there is nothing to end.
  ///
  /// May be called again and from any thread; from a completion or the observer it cannot wait for itself, and returns
  /// before all is written.
  package func close() {
    queue?.close()
    thread?.join()
  }
}

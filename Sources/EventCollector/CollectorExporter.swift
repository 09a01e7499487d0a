// Delivers what a ledger records to a collector, at least once, for as long as it takes.

package import Evaluation
package import RiskLedger
internal import Threads

/// What is delivered.
package struct CollectorSettings: Sendable {
  /// Under which name the ledger remembers how far delivery is.
  package var name: String
  package var destination: CollectorDestination
  package var metadata: CollectorMetadata

  /// Creates settings.
  package init(name: String, destination: CollectorDestination, metadata: CollectorMetadata) {
    self.name = name
    self.destination = destination
    self.metadata = metadata
  }
}

/// How an exporter is doing.
package struct CollectorState: Sendable, Equatable {
  /// Events that are recorded and not delivered.
  package internal(set) var lag: Int64 = 0
  package internal(set) var delivered = 0
  package internal(set) var dropped = 0
  package internal(set) var failures = 0
  /// Whether only an operator can help.
  package internal(set) var isStopped = false
  /// Whether it is this process that delivers, of all that share the ledger.
  package internal(set) var isHolder = false
}

/// Delivers on a thread of its own.
package final class CollectorExporter: Sendable {
  private let ending = Monitor(false)
  private let shared = Monitor(CollectorState())
  private let hasEnded = Monitor(false)
  private let clients: CollectorClients
  private let thread: WorkerThread

  /// Starts to deliver.
  ///
  /// - Parameters:
  ///   - holder: tells this process from all others.
  ///   - open: opens the ledger, now and after a failure.
  ///   - notify: gets what happens, on the exporter's thread.
  package init(
    _ settings: CollectorSettings,
    holder: String,
    now: @escaping @Sendable () -> Timestamp,
    open: @escaping @Sendable () throws(LedgerError) -> any RiskEventOutbox,
    notify: @escaping @Sendable (CollectorNotice) -> Void
  ) {
    let (ending, shared, hasEnded) = (ending, shared, hasEnded)
    let clients = CollectorClients(settings.destination)
    self.clients = clients
    thread = WorkerThread {
      defer {
        clients.end()
        hasEnded.update { $0 = true }
      }
      let wait = { (milliseconds: Int) in ending.wait(timeoutMilliseconds: milliseconds) { $0 ? true : nil } == nil }
      let sender = CollectorSender(clients.all, settings.destination, .events, wait: wait) { notice in
        shared.update { $0.apply(notice) }
        notify(notice)
      }
      var run = CollectorRun(
        settings: settings,
        holder: holder,
        now: now,
        open: open,
        wait: wait,
        update: { change in shared.update(change) },
        notify: notify,
        sender: sender
      )
      run.run()
    }
  }

  deinit { close() }

  /// How it is doing.
  package var state: CollectorState { shared.withLock { $0 } }

  /// Ends the thread; what is not delivered stays in the ledger.
  ///
  /// The request in flight has a moment to be answered: one that is interrupted goes out again.
  package func close() {
    ending.update { $0 = true }
    if hasEnded.wait(timeoutMilliseconds: CollectorLimits.closeMilliseconds, { $0 ? true : nil }) == nil {
      clients.interrupt()
    }
    thread.join()
  }
}

extension CollectorState {
  fileprivate mutating func apply(_ notice: CollectorNotice) {
    switch notice {
    case .delivered(let count):
      delivered += count
      isStopped = false
    case .dropped: dropped += 1
    case .failed: failures += 1
    case .stopped: isStopped = true
    }
  }
}

/// The loop of an exporter.
private struct CollectorRun {
  let settings: CollectorSettings
  let holder: String
  let now: @Sendable () -> Timestamp
  let open: @Sendable () throws(LedgerError) -> any RiskEventOutbox
  let wait: (Int) -> Bool
  let update: ((inout CollectorState) -> Void) -> Void
  let notify: @Sendable (CollectorNotice) -> Void
  var sender: CollectorSender
  var ledger: (any RiskEventOutbox)?
  var backoff = CollectorBackoff()

  mutating func run() {
    var pause = 0
    repeat {
      do throws(LedgerError) { pause = try step() } catch {
        ledger = nil
        notify(.failed(endpoint: "the ledger", reason: error.description))
        pause = backoff.next()
      }
    } while wait(pause)
    // Another may go on at once.
    _ = try? ledger?.lease(settings.name, holder: holder, seconds: 0, at: now())
  }

  /// Delivers the next batch; how long to wait then, in milliseconds.
  private mutating func step() throws(LedgerError) -> Int {
    let ledger = if let ledger { ledger } else { try open() }
    self.ledger = ledger
    let position = try ledger.lease(
      settings.name,
      holder: holder,
      seconds: CollectorLimits.leaseSeconds,
      at: now()
    )
    update { state in
      state.isHolder = position != nil
      state.lag = position?.lag ?? 0
    }
    guard let position else { return CollectorLimits.idleMilliseconds }
    let events = try ledger.outgoing(after: position.delivered, limit: CollectorLimits.batchEventsMax)
    guard let (batch, last) = CollectorBatch.make(events, settings.metadata) else {
      return CollectorLimits.idleMilliseconds
    }
    var renewed = now()
    let mayGoOn = { [settings, holder, now] in
      let time = now()
      guard time >= renewed.adding(seconds: CollectorLimits.leaseRenewalSeconds) else { return true }
      renewed = time
      let held = try? ledger.lease(settings.name, holder: holder, seconds: CollectorLimits.leaseSeconds, at: time)
      return held != nil
    }
    do throws(CollectorPause) { try sender.deliver(batch, mayGoOn: mayGoOn) } catch {
      switch error {
      case .retry(let seconds): return backoff.next(afterSeconds: seconds)
      case .stop: return CollectorLimits.stoppedMilliseconds
      }
    }
    backoff.succeed()
    // False when the lease was lost meanwhile: then another delivers it once more, with the same ids.
    _ = try ledger.confirm(settings.name, holder: holder, delivered: last)
    update { $0.lag = max(0, position.recorded - last) }
    return 0
  }
}

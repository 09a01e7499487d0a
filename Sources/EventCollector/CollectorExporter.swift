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
  /// How far delivery is, by whichever process; nil until the ledger said so.
  package internal(set) var position: OutboxPosition?
  package internal(set) var delivered = 0
  package internal(set) var dropped = 0
  package internal(set) var failures = 0
  /// Whether only an operator can help.
  package internal(set) var isStopped = false
  /// Whether it is this process that delivers, of all that share the ledger.
  package internal(set) var isHolder = false

  /// Events that are recorded and not delivered; nil until the ledger said so.
  package var lag: Int64? { position?.lag }
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

  /// Tells the thread to end, and does not wait for that.
  package func beginClosing() { ending.update { $0 = true } }

  /// Ends the thread; what is not delivered stays in the ledger.
  ///
  /// The request in flight has a moment to be answered: one that is interrupted goes out again.
  package func close() {
    beginClosing()
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
    case .unacknowledged: break
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
  /// The lease on the name, while it is this process's.
  var lease: Lease?
  var backoff = CollectorBackoff()

  struct Lease {
    var renewed: Timestamp
    /// The last event that was delivered.
    var delivered: Int64
  }

  mutating func run() {
    var pause = 0
    repeat {
      do throws(LedgerError) { pause = try step() } catch {
        (ledger, lease) = (nil, nil)
        update { $0.isHolder = false }
        notify(.failed(endpoint: "the ledger", reason: error.description))
        pause = backoff.next()
      }
    } while wait(pause)
    release()
  }

  /// Delivers the next batch; how long to wait then, in milliseconds.
  private mutating func step() throws(LedgerError) -> Int {
    let ledger = try openedLedger()
    guard let lease = try renewedLease(ledger) else { return CollectorLimits.waitingMilliseconds }
    let recorded = try ledger.lastSequence()
    update { $0.position = OutboxPosition(delivered: lease.delivered, recorded: recorded) }
    var unreadable: [(sequence: Int64, error: LedgerError)] = []
    let outgoing = try ledger.outgoing(after: lease.delivered, limit: CollectorLimits.batchEventsMax) {
      unreadable.append(($0, $1))
    }
    let events = outgoing.prefix { !isToWait($0.recorded.event) }
    let made = CollectorBatch.make(events, settings.metadata)
    // What cannot be read keeps nobody waiting behind it.
    let isAll = made?.last == outgoing.last?.sequence
    guard let last = [made?.last, isAll ? unreadable.last?.sequence : nil].compactMap(\.self).max() else {
      return CollectorLimits.idleMilliseconds
    }
    var renewed = lease.renewed
    let mayGoOn = { [settings, holder, now] in
      let time = now()
      guard time >= renewed.adding(seconds: CollectorLimits.leaseRenewalSeconds) else { return true }
      renewed = time
      let held = try? ledger.lease(settings.name, holder: holder, seconds: CollectorLimits.leaseSeconds, at: time)
      return held != nil
    }
    do throws(CollectorPause) { if let made { try sender.deliver(made.batch, mayGoOn: mayGoOn) } } catch {
      return pause(after: error)
    }
    backoff.succeed()
    // False when the lease was lost meanwhile: then another delivers it once more, with the same ids.
    let isHeld = try ledger.confirm(settings.name, holder: holder, delivered: last)
    self.lease = isHeld ? Lease(renewed: renewed, delivered: last) : nil
    if isHeld { tell(unreadable.filter { $0.sequence <= last }.map(\.error)) }
    if isHeld { update { $0.position = OutboxPosition(delivered: last, recorded: max(recorded, last)) } }
    return 0
  }

  /// Tells of events that could not be read.
  private func tell(_ errors: [LedgerError]) {
    for case .unreadableEvent(let id, let store) in errors {
      update { $0.dropped += 1 }
      notify(.dropped(id: id, reason: LedgerError.unreadableEvent(id: id, store: store).description))
    }
  }

  private mutating func openedLedger() throws(LedgerError) -> any RiskEventOutbox {
    if let ledger { return ledger }
    let opened = try open()
    ledger = opened
    return opened
  }

  /// The lease, renewed where that is due; nil while another has it.
  private mutating func renewedLease(_ ledger: any RiskEventOutbox) throws(LedgerError) -> Lease? {
    let time = now()
    if let lease, time < lease.renewed.adding(seconds: CollectorLimits.leaseRenewalSeconds) { return lease }
    let position = try ledger.lease(settings.name, holder: holder, seconds: CollectorLimits.leaseSeconds, at: time)
    lease = position.map { Lease(renewed: time, delivered: $0.delivered) }
    let known = if let position { position } else { try ledger.position(settings.name) }
    update { state in
      state.isHolder = position != nil
      state.position = known
      // Whoever has the lease now has settings of its own.
      if position == nil { state.isStopped = false }
    }
    return lease
  }

  /// Whether the log of another API server may still tell who is to be charged for an event.
  ///
  /// What is delivered cannot be taken back from Splunk, so it, and all behind it, waits for a while; what is of a time to
  /// come, by a wrong clock, would wait for long.
  private func isToWait(_ event: RiskEvent) -> Bool {
    guard event.rootActor == .unknown else { return false }
    let time = now()
    let wait = CollectorLimits.rootSeconds
    return event.time > time.adding(seconds: -wait) && event.time < time.adding(seconds: wait)
  }

  /// How long to wait after a batch that was not delivered, in milliseconds.
  private mutating func pause(after pause: CollectorPause) -> Int {
    // Another server may have a way to a collector, or a token, where this one has none.
    switch pause {
    case .retry(let seconds):
      let milliseconds = backoff.next(afterSeconds: seconds)
      if seconds == nil, milliseconds >= CollectorLimits.releasingMilliseconds { release() }
      return milliseconds
    case .stop:
      release()
      return CollectorLimits.stoppedMilliseconds
    }
  }

  /// Gives the lease up, so that another may go on at once.
  private mutating func release() {
    guard lease != nil else { return }
    lease = nil
    update { $0.isHolder = false }
    _ = try? ledger?.lease(settings.name, holder: holder, seconds: 0, at: now())
  }
}

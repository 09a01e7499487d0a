// Recorded events as JSON lines on standard output, without ever making an answer wait for its reader.

internal import Glibc
internal import JSONDocument
internal import Threads

/// Writes recorded events to a file descriptor, one JSON line each, on a thread of its own.
///
/// The ledger has the events; this is a copy for whoever collects the logs of the process. When the reader is too slow,
/// events are left out here, counted, and said so.
package final class RiskEventStream: Sendable {
  private enum Overflow: Sendable {
    case none, unreported, reported
  }

  private struct State: Sendable {
    var pending: [RecordedRiskEvent] = []
    var isClosed = false
    /// When to give up on a slow reader; set by closing.
    var deadline: ContinuousClock.Instant?
    var droppedCount = 0
    /// Whether events were left out since the queue was last empty.
    var overflow = Overflow.none
  }

  /// How long `close` waits for a slow reader, in milliseconds; a small part of the 30 s Kubernetes gives a pod to end.
  package static let flushMillisecondsMax = 2_000

  private let state: Monitor<State>
  private let limitEvents: Int
  private let thread: WorkerThread

  /// Starts to write to `descriptor`, which stays the caller's.
  ///
  /// - Parameter report: gets one sentence per burst of events left out, and per kind of failure; called on the thread.
  package init(
    descriptor: Int32,
    queuedEventsMax: Int = LedgerLimits.streamedEventsMax,
    report: @escaping @Sendable (String) -> Void
  ) {
    let state = Monitor(State())
    self.state = state
    limitEvents = queuedEventsMax
    thread = WorkerThread { Self.run(state, DescriptorOutput(descriptor), report) }
  }

  deinit { close() }

  /// Events that were left out since the start.
  package var droppedEventCount: Int { state.withLock { $0.droppedCount } }

  /// Queues events; never blocks.
  package func write(_ events: [RecordedRiskEvent]) {
    state.update { state in
      let room = state.isClosed ? 0 : max(0, limitEvents - state.pending.count)
      state.pending.append(contentsOf: events.prefix(room))
      guard events.count > room else { return }
      state.droppedCount += events.count - room
      if state.overflow == .none { state.overflow = .unreported }
    }
  }

  /// Takes no more, writes what waits for as long as the reader takes it within the time given, and ends the thread.
  package func close(flushMilliseconds: Int = flushMillisecondsMax) {
    state.update { state in
      state.isClosed = true
      if state.deadline == nil { state.deadline = .now + .milliseconds(flushMilliseconds) }
    }
    thread.join()
  }
}

// MARK: - The thread

extension RiskEventStream {
  private static func run(
    _ state: Monitor<State>,
    _ descriptorOutput: DescriptorOutput,
    _ report: @Sendable (String) -> Void
  ) {
    var output = descriptorOutput
    var json = JSONWriter(capacityBytes: 4_096)
    var lastFailure: Int32?
    while let events = next(state) {
      for (index, event) in events.enumerated() {
        json.removeAll()
        event.write(to: &json)
        json.newline()
        let outcome = output.write(line: json.bytes) {
          reportOverflow(state, report)
          return state.withLock { $0.deadline.map { .now < $0 } ?? true }
        }
        switch outcome {
        case .written: lastFailure = nil
        case .abandoned:
          stop(state, leavingOut: events.count - index)
          return report(
            "standard output was not read in time, so its last risk events were left out; the ledger has them"
          )
        case .failed(EPIPE):
          stop(state, leavingOut: events.count - index)
          return report("nobody reads standard output any more, so risk events go to the ledger only")
        case .failed(let code):
          state.withLock { $0.droppedCount += 1 }
          if code != lastFailure { report("risk events cannot be written to standard output: \(message(code))") }
          lastFailure = code
        }
      }
      reportOverflow(state, report)
    }
  }

  /// Everything that waits; nil once closed and empty.
  private static func next(_ state: Monitor<State>) -> [RecordedRiskEvent]? {
    let events: [RecordedRiskEvent]?? = state.wait { state in
      guard !state.pending.isEmpty else {
        // The queue has been empty, so a burst that was told of is over.
        if state.overflow == .reported { state.overflow = .none }
        return state.isClosed ? .some(nil) : nil
      }
      let events = state.pending
      state.pending = []
      return events
    }
    return events ?? nil
  }

  private static func stop(_ state: Monitor<State>, leavingOut count: Int) {
    state.withLock { state in
      state.isClosed = true
      state.droppedCount += count + state.pending.count
      state.pending = []
    }
  }

  private static func reportOverflow(_ state: Monitor<State>, _ report: @Sendable (String) -> Void) {
    let count: Int? = state.withLock { state in
      guard state.overflow == .unreported else { return nil }
      state.overflow = .reported
      return state.droppedCount
    }
    guard let count else { return }
    report(
      "standard output is read too slowly: risk events are left out of it, \(count) since the start; the ledger has them"
    )
  }

  private static func message(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}

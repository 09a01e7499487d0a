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
    /// Whole lines, one an event.
    var pending: [UInt8] = []
    var pendingEvents = 0
    var isClosed = false
    /// When to give up on a slow reader; set by closing.
    var deadline: ContinuousClock.Instant?
    var droppedCount = 0
    /// Whether events were left out since the queue was last empty.
    var overflow = Overflow.none
  }

  /// How long `close` waits for a slow reader, in milliseconds; a small part of the 30 s Kubernetes gives a pod to end.
  package static let flushMillisecondsMax = 2_000

  /// Bytes of memory that are kept between writes.
  private static let keptBytesMax = 256 << 10

  /// Milliseconds that lines are gathered before they are written.
  private static let gatherMilliseconds = 5

  /// Bytes of most lines.
  private static let usualLineBytes = 2_048

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
    let isClosed = state.withLock { state in
      if state.isClosed { state.droppedCount += events.count }
      return state.isClosed
    }
    guard !isClosed else { return }
    var json = JSONWriter(capacityBytes: events.count * Self.usualLineBytes)
    var ends: [Int] = []
    ends.reserveCapacity(events.count)
    for event in events {
      event.write(to: &json)
      json.newline()
      ends.append(json.bytes.count)
    }
    // Who gathers already need not be woken for every event.
    state.wake(if: { state in
      let room = state.isClosed ? 0 : max(0, limitEvents - state.pendingEvents)
      let taken = ends.prefix(room)
      let wasEmpty = state.pending.isEmpty
      if let end = taken.last { state.pending += json.bytes[..<end] }
      state.pendingEvents += taken.count
      if events.count > room {
        state.droppedCount += events.count - room
        if state.overflow == .none { state.overflow = .unreported }
      }
      return wasEmpty && !taken.isEmpty
    })
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
    var lastFailure: Int32?
    var lines: [UInt8] = []
    while take(&lines, from: state) {
      let outcome = output.write(lines: lines) {
        reportOverflow(state, report)
        return state.withLock { $0.deadline.map { .now < $0 } ?? true }
      }
      let unwritten = lines[outcome.writtenBytes...].count { $0 == UInt8(ascii: "\n") }
      switch outcome.end {
      case .written: lastFailure = nil
      case .abandoned:
        stop(state, leavingOut: unwritten)
        return report(
          "standard output was not read in time, so its last risk events were left out; the ledger has them"
        )
      case .failed(EPIPE):
        stop(state, leavingOut: unwritten)
        return report("nobody reads standard output any more, so risk events go to the ledger only")
      case .failed(let code):
        state.withLock { $0.droppedCount += unwritten }
        if code != lastFailure { report("risk events cannot be written to standard output: \(message(code))") }
        lastFailure = code
      }
      reportOverflow(state, report)
    }
  }

  /// Takes everything that waits; false once closed and empty.
  private static func take(_ lines: inout [UInt8], from state: Monitor<State>) -> Bool {
    state.wait { state -> Void? in
      guard state.pending.isEmpty else { return () }
      // The queue has been empty, so a burst that was told of is over.
      if state.overflow == .reported { state.overflow = .none }
      return state.isClosed ? () : nil
    }
    // One waking and one writing for all that comes within a moment, not for each event.
    _ = state.wait(timeoutMilliseconds: gatherMilliseconds) { $0.isClosed ? () : nil }
    // The memory of what was written takes what comes next, unless a stall has made it large.
    lines.removeAll(keepingCapacity: lines.capacity <= keptBytesMax)
    return state.withLock { state in
      swap(&lines, &state.pending)
      state.pendingEvents = 0
      return !lines.isEmpty
    }
  }

  private static func stop(_ state: Monitor<State>, leavingOut count: Int) {
    state.withLock { state in
      state.isClosed = true
      state.droppedCount += count + state.pendingEvents
      state.pending = []
      state.pendingEvents = 0
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

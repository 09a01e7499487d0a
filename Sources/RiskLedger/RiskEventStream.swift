// Recorded events as lines on standard output, without ever making an answer wait for its reader.

internal import Glibc
internal import Threads

/// Writes recorded events to a file descriptor, one line each, on a thread of its own.
///
/// A ledger has the events; this is a copy for whoever collects the logs of the process. When the reader is too slow,
/// events are left out here, counted, and said so.
package final class RiskEventStream: Sendable {
  private enum Overflow: Sendable {
    case none, unreported, reported
  }

  /// Events that were left out.
  private struct Losses: Sendable {
    var count = 0
    /// Whether there were any since the queue was last empty.
    var overflow = Overflow.none
  }

  /// How long `close` waits for a slow reader, in milliseconds; a small part of the 30 s Kubernetes gives a pod to end.
  package static let flushMillisecondsMax = 2_000

  private let line: @Sendable (RecordedRiskEvent) -> [UInt8]
  private let queue: LineQueue
  private let losses = Monitor(Losses())
  private let thread: WorkerThread

  /// Starts to write to `descriptor`, which stays the caller's.
  ///
  /// - Parameters:
  ///   - line: writes an event as one line, its end included; as JSON by default.
  ///   - report: gets one sentence per burst of events left out, and per kind of failure; called on the thread.
  package init(
    descriptor: Int32,
    line: @escaping @Sendable (RecordedRiskEvent) -> [UInt8] = \.line,
    queuedBytesMax: Int = LedgerLimits.streamedBytesMax,
    report: @escaping @Sendable (String) -> Void
  ) {
    let queue = LineQueue(bytesMax: queuedBytesMax)
    self.line = line
    self.queue = queue
    thread = WorkerThread { [losses] in Self.run(queue, losses, DescriptorOutput(descriptor), report) }
  }

  deinit { close() }

  /// Events that were left out since the start.
  package var droppedEventCount: Int { losses.withLock { $0.count } }

  /// Queues events; never blocks.
  package func write(_ events: [RecordedRiskEvent]) {
    guard !queue.isClosed else { return Self.leaveOut(events.count, losses) }
    for event in events {
      if !queue.add(line(event)) { Self.leaveOut(1, losses) }
    }
  }

  /// Takes no more, writes what waits for as long as the reader takes it within the time given, and ends the thread.
  package func close(flushMilliseconds: Int = flushMillisecondsMax) {
    queue.close(flushMilliseconds: flushMilliseconds)
    thread.join()
  }
}

// MARK: - The thread

extension RiskEventStream {
  private static func run(
    _ queue: LineQueue,
    _ losses: Monitor<Losses>,
    _ descriptorOutput: DescriptorOutput,
    _ report: @Sendable (String) -> Void
  ) {
    var output = descriptorOutput
    var lastFailure: Int32?
    var lines: [UInt8] = []
    while take(&lines, queue, losses) {
      let outcome = output.write(lines: lines) {
        reportOverflow(losses, report)
        return queue.mayWait
      }
      let unwritten = LineQueue.count(lines[outcome.writtenBytes...])
      losses.withLock { $0.count += unwritten }
      switch outcome.end {
      case .written: lastFailure = nil
      case .abandoned:
        stop(queue, losses)
        return report("standard output was not read in time, so its last risk events were left out of it")
      case .failed(EPIPE):
        stop(queue, losses)
        return report("nobody reads standard output any more, so risk events no longer go there")
      case .failed(let code):
        if code != lastFailure { report("risk events cannot be written to standard output: \(SystemError.text(code))") }
        lastFailure = code
      }
      reportOverflow(losses, report)
    }
  }

  private static func take(_ lines: inout [UInt8], _ queue: LineQueue, _ losses: Monitor<Losses>) -> Bool {
    queue.take(&lines) {
      // The queue has been empty, so a burst that was told of is over.
      losses.withLock { losses in if losses.overflow == .reported { losses.overflow = .none } }
    }
  }

  private static func stop(_ queue: LineQueue, _ losses: Monitor<Losses>) {
    let count = queue.abandon()
    losses.withLock { $0.count += count }
  }

  private static func leaveOut(_ count: Int, _ losses: Monitor<Losses>) {
    losses.withLock { losses in
      losses.count += count
      if losses.overflow == .none { losses.overflow = .unreported }
    }
  }

  private static func reportOverflow(_ losses: Monitor<Losses>, _ report: @Sendable (String) -> Void) {
    let count: Int? = losses.withLock { losses in
      guard losses.overflow == .unreported else { return nil }
      losses.overflow = .reported
      return losses.count
    }
    guard let count else { return }
    report("standard output is read too slowly: risk events are left out of it, \(count) since the start")
  }
}

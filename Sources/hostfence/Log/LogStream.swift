// Lines of the log on their way out, without ever making a review wait for their reader.

internal import RiskLedger
internal import Threads

/// Writes lines to a file descriptor on a thread of its own.
///
/// Whoever reads standard error may be slow or stuck; a webhook must not be. When too many lines wait, further ones are
/// left out, and how many is said once there is room. Risk events that no ledger takes go this way as well.
final class LogStream: Sendable {
  private struct State: Sendable {
    var pending: [UInt8] = []
    var leftOut = 0
    var isClosed = false
    /// When to give up on a slow reader; set by closing.
    var deadline: ContinuousClock.Instant?
  }

  /// Bytes that may wait: some seconds of risk events that the ledger does not take.
  static let pendingBytesMax = 16 << 20

  /// How long `close` waits for a slow reader, in milliseconds.
  static let flushMilliseconds = 2_000

  /// Bytes of memory that are kept between writes.
  private static let keptBytesMax = 256 << 10

  /// Milliseconds that lines are gathered before they are written.
  private static let gatherMilliseconds = 5

  private let state: Monitor<State>
  private let thread: WorkerThread

  /// Starts to write to `descriptor`, which stays the caller's.
  ///
  /// - Parameter noticeOfLoss: makes the line that says how many lines were left out.
  init(descriptor: Int32, noticeOfLoss: @escaping @Sendable (_ lines: Int) -> [UInt8]) {
    let state = Monitor(State())
    self.state = state
    thread = WorkerThread { Self.run(state, DescriptorOutput(descriptor), noticeOfLoss) }
  }

  deinit { close() }

  /// Queues a line, or several, each with its line feed, or leaves them out when too much waits; never blocks.
  func write(_ line: [UInt8]) {
    // Who gathers already need not be woken for every line.
    state.wake(if: { state in
      guard !state.isClosed, state.pending.count + line.count <= Self.pendingBytesMax else {
        state.leftOut += line.count { $0 == UInt8(ascii: "\n") }
        return false
      }
      let wasEmpty = state.pending.isEmpty
      state.pending += line
      return wasEmpty
    })
  }

  /// Takes no more, writes what waits for as long as the reader takes it within the time given, and ends the thread.
  func close() {
    state.update { state in
      state.isClosed = true
      if state.deadline == nil { state.deadline = .now + .milliseconds(Self.flushMilliseconds) }
    }
    thread.join()
  }

  private static func run(
    _ state: Monitor<State>,
    _ descriptorOutput: DescriptorOutput,
    _ noticeOfLoss: (Int) -> [UInt8]
  ) {
    var output = descriptorOutput
    var lines: [UInt8] = []
    while take(&lines, from: state) {
      let leftOut = state.withLock { state in
        defer { state.leftOut = 0 }
        return state.leftOut
      }
      if leftOut > 0 { lines += noticeOfLoss(leftOut) }
      let outcome = output.write(lines: lines) { state.withLock { $0.deadline.map { .now < $0 } ?? true } }
      // A log that cannot be written is no reason to stop: there is nowhere left to say so.
      if outcome.end == .abandoned { return }
    }
  }

  /// Takes everything that waits; false once closed and empty.
  private static func take(_ lines: inout [UInt8], from state: Monitor<State>) -> Bool {
    state.wait { state in !state.pending.isEmpty || state.isClosed ? () : nil }
    // One waking and one writing for all that comes within a moment, not for each line.
    _ = state.wait(timeoutMilliseconds: gatherMilliseconds) { $0.isClosed ? () : nil }
    // The memory of what was written takes what comes next, unless a stall has made it large.
    lines.removeAll(keepingCapacity: lines.capacity <= keptBytesMax)
    return state.withLock { state in
      swap(&lines, &state.pending)
      return !lines.isEmpty
    }
  }
}

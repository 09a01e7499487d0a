// Lines of the log on their way out, without ever making a review wait for their reader.

internal import RiskLedger
internal import Synchronization
internal import Threads

/// Writes lines to a file descriptor on a thread of its own.
///
/// Whoever reads standard error may be slow or stuck; a webhook must not be. When too many lines wait, further ones are
/// left out, and how many is said once there is room. Risk events that no ledger takes go this way as well.
final class LogStream: Sendable {
  /// Bytes that may wait: some seconds of risk events that the ledger does not take.
  private static let pendingBytesMax = 16 << 20

  /// How long `close` waits for a slow reader, in milliseconds.
  private static let flushMilliseconds = 2_000

  private let queue = LineQueue(bytesMax: pendingBytesMax)
  private let leftOut = LinesLeftOut()
  private let thread: WorkerThread

  /// Starts to write to `descriptor`, which stays the caller's.
  ///
  /// - Parameter noticeOfLoss: makes the line that says how many lines were left out.
  init(descriptor: Int32, noticeOfLoss: @escaping @Sendable (_ lines: Int) -> [UInt8]) {
    let (queue, leftOut) = (queue, leftOut)
    thread = WorkerThread {
      var output = DescriptorOutput(descriptor)
      var lines: [UInt8] = []
      while queue.take(&lines) {
        let count = leftOut.count.exchange(0, ordering: .relaxed)
        if count > 0 { lines += noticeOfLoss(count) }
        let outcome = output.write(lines: lines) { queue.mayWait }
        // A log that cannot be written is no reason to stop: there is nowhere left to say so.
        if outcome.end == .abandoned { return }
      }
    }
  }

  deinit { close() }

  /// Queues a line, or several, each with its line feed, or leaves them out when too much waits; never blocks.
  func write(_ lines: [UInt8]) {
    if !queue.add(lines) { leftOut.count.wrappingAdd(LineQueue.count(lines[...]), ordering: .relaxed) }
  }

  /// Takes no more, writes what waits for as long as the reader takes it within the time given, and ends the thread.
  func close() {
    queue.close(flushMilliseconds: Self.flushMilliseconds)
    thread.join()
  }
}

/// Lines left out since that was last said.
private final class LinesLeftOut: Sendable {
  let count = Atomic<Int>(0)
}

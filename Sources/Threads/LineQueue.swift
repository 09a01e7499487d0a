// Lines between those who write them and the thread that passes them on.

/// Lines on their way to a thread that writes them where a reader may be slow or stuck.
///
/// Whoever adds lines never waits. The thread is woken once for all that comes within a moment, not for each line.
package final class LineQueue: Sendable {
  private struct State: Sendable {
    var bytes: [UInt8] = []
    var isClosed = false
    /// When to give up on a slow reader; set by closing.
    var deadline: ContinuousClock.Instant?
  }

  /// Milliseconds that lines are gathered before they are passed on.
  private static let gatherMilliseconds = 5

  /// Bytes of memory that are kept between the times that lines are taken.
  private static let keptBytesMax = 256 << 10

  private let state = Monitor(State())
  private let bytesMax: Int

  /// Creates a queue in which at most so many bytes wait.
  package init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// Whether lines are still taken.
  package var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Whether there is time to wait for a slow reader.
  package var mayWait: Bool { state.withLock { $0.deadline.map { .now < $0 } ?? true } }

  /// Adds whole lines, each with its line feed; false, and none is added, when the queue is closed or too much waits.
  package func add(_ lines: [UInt8]) -> Bool {
    var isAdded = false
    state.wake(if: { state in
      guard !state.isClosed, state.bytes.count + lines.count <= bytesMax else { return false }
      isAdded = true
      // Who gathers already need not be woken again.
      let wasEmpty = state.bytes.isEmpty
      state.bytes += lines
      return wasEmpty
    })
    return isAdded
  }

  /// Waits for lines and takes all that came within a moment; false once the queue is closed and empty.
  ///
  /// - Parameters:
  ///   - lines: what was taken before, whose memory takes what comes next unless a stall has made it large.
  ///   - whenEmpty: called before it waits, when nothing does.
  package func take(_ lines: inout [UInt8], whenEmpty: () -> Void = {}) -> Bool {
    state.wait { state -> Void? in
      guard state.bytes.isEmpty else { return () }
      whenEmpty()
      return state.isClosed ? () : nil
    }
    state.wait(timeoutMilliseconds: Self.gatherMilliseconds) { $0.isClosed ? () : nil }
    lines.removeAll(keepingCapacity: lines.capacity <= Self.keptBytesMax)
    return state.withLock { state in
      swap(&lines, &state.bytes)
      return !lines.isEmpty
    }
  }

  /// Takes no more; the reader has this long for what waits.
  package func close(flushMilliseconds: Int) {
    state.update { state in
      state.isClosed = true
      if state.deadline == nil { state.deadline = .now + .milliseconds(flushMilliseconds) }
    }
  }

  /// Takes no more and forgets what waits; gives the number of lines.
  package func abandon() -> Int {
    state.update { state in
      state.isClosed = true
      defer { state.bytes = [] }
      return Self.count(state.bytes[...])
    }
  }

  /// The number of lines that end in a piece of text.
  package static func count(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 == UInt8(ascii: "\n") } }
}

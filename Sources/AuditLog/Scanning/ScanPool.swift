// Scans the files of a replay on all cores and gives the results back in the order of the log.

internal import Threads

/// A scanned segment.
struct ScannedSegment: Sendable {
  var segment: LogSegment
  var result: SegmentResult
}

/// Threads that take turns at reading and scan what they read side by side.
///
/// The reader is used only by the thread that holds the reading turn (`State.isReading`), which the compiler cannot see,
/// hence `@unchecked`.
final class ScanPool: @unchecked Sendable {
  private struct State: Sendable {
    var isReading = false
    /// Segments handed out for scanning so far.
    var readCount = 0
    /// Segments given back so far.
    var takenCount = 0
    var done: [Int: ScannedSegment] = [:]
    var isAtEnd = false
    var isCancelled = false
  }

  /// What waiting for the next segment gave.
  enum Next {
    case segment(ScannedSegment)
    /// Nothing yet.
    case timeout
    case end
  }

  private let reader: LogReader
  private let state = Monitor(State())
  private let segmentsAheadMax: Int
  private var threads: [WorkerThread] = []

  /// Starts to read and scan.
  init(_ files: [LogFile], settings: ReplaySettings, threads count: Int) {
    reader = LogReader(files, lineBytesMax: settings.recordBytesMax)
    segmentsAheadMax = count * 4
    threads = (0..<count).map { _ in WorkerThread { [self] in work(settings) } }
  }

  /// The next segment in the order of the log.
  func next(timeoutMilliseconds: Int) -> Next {
    let next: Next? = state.wait(timeoutMilliseconds: timeoutMilliseconds) { state in
      if let segment = state.done.removeValue(forKey: state.takenCount) { return .segment(segment) }
      return state.isAtEnd && state.takenCount == state.readCount ? .end : nil
    }
    guard let next else { return .timeout }
    if case .segment = next { state.update { $0.takenCount += 1 } }
    return next
  }

  /// Stops reading and waits until the threads have ended.
  func cancel() {
    state.update { $0.isCancelled = true }
    for thread in threads { thread.join() }
    threads = []
  }

  private func work(_ settings: ReplaySettings) {
    let scanner = SegmentScanner(settings)
    let buffer = SegmentBuffer()
    while let (number, segment) = read(into: buffer) {
      let result = unsafe scanner.scan(
        buffer.text(segment.count),
        continuesLine: segment.continuesLine,
        end: segment.end
      )
      state.update { $0.done[number] = ScannedSegment(segment: segment, result: result) }
    }
  }

  /// Takes the reading turn and reads a segment; nil when there is nothing more to read.
  private func read(into buffer: SegmentBuffer) -> (Int, LogSegment)? {
    let mayRead: Bool? = state.wait { state in
      if state.isAtEnd || state.isCancelled { return false }
      guard !state.isReading, state.readCount - state.takenCount < segmentsAheadMax else { return nil }
      state.isReading = true
      return true
    }
    guard mayRead ?? false else { return nil }
    let segment = reader.next(into: buffer)
    return state.update { state in
      state.isReading = false
      guard let segment else {
        state.isAtEnd = true
        return nil
      }
      defer { state.readCount += 1 }
      return (state.readCount, segment)
    }
  }
}

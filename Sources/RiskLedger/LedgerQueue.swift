// What waits to be written.

internal import Evaluation
internal import Threads

/// Events that belong together, and who wants to know what became of them.
struct LedgerSubmission: Sendable {
  let events: [RiskEvent]
  let completion: @Sendable (Result<Void, LedgerError>) -> Void
}

/// The submissions between those who submit and the one who writes.
final class LedgerQueue: Sendable {
  private struct State: Sendable {
    var pending: [LedgerSubmission] = []
    var pendingEvents = 0
    var pendingBytes = 0
    var isClosed = false
  }

  private let state = Monitor(State())
  private let limitEvents: Int
  private let limitBytes: Int

  init(limitEvents: Int, limitBytes: Int = LedgerLimits.queuedBytesMax) {
    self.limitEvents = limitEvents
    self.limitBytes = limitBytes
  }

  /// Adds a submission, or says why not.
  ///
  /// The last one may pass the limit by its own size, so that no size is refused for good.
  func add(_ submission: LedgerSubmission) -> LedgerError? {
    let bytes = submission.events.reduce(0) { $0 + $1.textBytes }
    return state.update { state in
      guard !state.isClosed else { return .closed }
      guard state.pendingEvents < limitEvents else { return .overloaded(limitEvents: limitEvents) }
      guard state.pendingBytes < limitBytes else { return .overloadedBytes(limitBytes: limitBytes) }
      state.pending.append(submission)
      // An empty submission takes room as well.
      state.pendingEvents += max(1, submission.events.count)
      state.pendingBytes += bytes
      return nil
    }
  }

  /// Everything that waits, in order; nil once the queue is closed and empty; nothing when the time is up.
  func next(timeoutMilliseconds: Int?) -> [LedgerSubmission]? {
    let batch: [LedgerSubmission]?? = state.wait(timeoutMilliseconds: timeoutMilliseconds) { state in
      guard !state.pending.isEmpty else { return state.isClosed ? .some(nil) : nil }
      let batch = state.pending
      state.pending = []
      state.pendingEvents = 0
      state.pendingBytes = 0
      return batch
    }
    return batch ?? []
  }

  /// Takes no more.
  func close() { state.update { $0.isClosed = true } }
}

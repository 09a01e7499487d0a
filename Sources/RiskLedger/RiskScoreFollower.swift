// Keeps counted risk up to date with a ledger that others write, too.

package import Evaluation
internal import Threads

/// Follows a ledger on a thread of its own, and charges in memory what any server that shares it recorded.
///
/// A policy that escalates must know of a charge wherever it was made. What the own server recorded counts at once; what
/// others recorded, within a second or two. While the ledger cannot be read, the own charges have to do.
package final class RiskScoreFollower: Sendable {
  private let ending = Monitor(false)
  private let thread: WorkerThread

  /// Reads what the ledger holds, and starts to follow it.
  ///
  /// - Parameters:
  ///   - windowSeconds: how far back risk matters now; nil while no policy asks, and then nothing is read.
  ///   - notify: gets the first of several errors in a row, and the errors that name events that cannot be read, which are
  ///     passed over; on the follower's thread, and until this returns on the caller's.
  /// - Throws: `LedgerError` when the ledger cannot be read at the beginning.
  package init(
    _ url: LedgerURL,
    _ scores: RiskScores,
    windowSeconds: @escaping @Sendable () -> Int64?,
    now: @escaping @Sendable () -> Timestamp,
    notify: @escaping @Sendable (LedgerError) -> Void
  ) throws(LedgerError) {
    let reader = RiskScoreReader(url: url, scores: scores, windowSeconds: windowSeconds, now: now, notify: notify)
    var first = RiskScoreReader.Progress()
    var firstOutbox: (any RiskEventOutbox)?
    try reader.advance(&first, &firstOutbox)
    thread = WorkerThread { [ending, first] in
      var progress = first
      // A ledger belongs to one thread, so this one opens its own.
      var outbox: (any RiskEventOutbox)?
      var isFailing = false
      while ending.wait(timeoutMilliseconds: LedgerLimits.followIntervalMilliseconds, { $0 ? true : nil }) == nil {
        do throws(LedgerError) {
          try reader.advance(&progress, &outbox)
          isFailing = false
        } catch {
          outbox = nil
          // Another ledger begins its sequence anew.
          if case .replaced = error { progress = RiskScoreReader.Progress() }
          if !isFailing { notify(error) }
          isFailing = true
        }
      }
    }
  }

  deinit { close() }

  /// Tells the thread to end, and does not wait for that.
  package func beginClosing() { ending.update { $0 = true } }

  /// Ends the thread.
  package func close() {
    beginClosing()
    thread.join()
  }
}

/// Reads charges out of a ledger, each once.
private struct RiskScoreReader: Sendable {
  /// How far the reading is.
  struct Progress {
    /// How far back all charges are known.
    var loadedSeconds: Int64 = 0
    /// The last event that was read, in the order of recording.
    var sequence: Int64 = 0
  }

  let url: LedgerURL
  let scores: RiskScores
  let windowSeconds: @Sendable () -> Int64?
  let now: @Sendable () -> Timestamp
  let notify: @Sendable (LedgerError) -> Void

  /// Reads what was recorded since, and further back where a policy's window has become longer.
  func advance(_ progress: inout Progress, _ outbox: inout (any RiskEventOutbox)?) throws(LedgerError) {
    guard let windowSeconds = windowSeconds() else { return }
    guard let ledger = if let outbox { outbox } else { try url.openOutbox() } else { return }
    // Where it was opened anew it may be another one, made or restored meanwhile, and begin its sequence anew.
    if outbox == nil, progress.sequence > 0, try ledger.lastSequence() < progress.sequence { progress = Progress() }
    outbox = ledger
    if windowSeconds > progress.loadedSeconds {
      // In this order: what is recorded in between is read once more, whether the load saw it or not, and counts once.
      let sequence = try ledger.lastSequence()
      try scores.load(url.open(.readOnly), since: now().adding(seconds: -windowSeconds), unreadable: notify)
      progress = Progress(loadedSeconds: windowSeconds, sequence: sequence)
    }
    while true {
      var last = progress.sequence
      let events = try ledger.outgoing(after: last, limit: LedgerLimits.readEventsMax) { sequence, error in
        last = sequence
        notify(error)
      }
      last = max(last, events.last?.sequence ?? last)
      guard last > progress.sequence else { return }
      scores.add(events.map(\.recorded))
      progress.sequence = last
    }
  }
}

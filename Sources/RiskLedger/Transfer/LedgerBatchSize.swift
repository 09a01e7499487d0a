// How many events are written at once by those who have many.

internal import Threads

/// The size of the batches of an import or a replay: large, and smaller where writing takes long, as over a slow link, so
/// that servers come to their turn in between.
package struct LedgerBatchSize {
  /// Events of the next batch.
  package private(set) var events = LedgerLimits.batchEventsMax

  /// Begins with large ones.
  package init() {}

  /// Writes a batch, and goes by how long that took.
  package mutating func measuring<Result>(_ write: () throws(LedgerError) -> Result) throws(LedgerError) -> Result {
    let start = MonotonicClock.milliseconds()
    let result = try write()
    note(milliseconds: MonotonicClock.milliseconds() - start)
    return result
  }

  mutating func note(milliseconds: Int) {
    let most = LedgerLimits.batchMilliseconds
    if milliseconds > most {
      events = max(events / 2, LedgerLimits.batchEventsMin)
    } else if milliseconds < most / 4 {
      events = min(events * 2, LedgerLimits.batchEventsMax)
    }
  }
}

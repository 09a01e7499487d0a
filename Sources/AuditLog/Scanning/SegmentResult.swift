// What scanning one segment of a log gives.

internal import Evaluation

/// Something in a segment that has to be looked at in the order of the log.
enum SegmentItem: Sendable {
  case event(ObservedEvent)
  case change(ObjectChange)
  /// A line, or a piece of one, that is no whole record by itself.
  case irregular(IrregularLine)
  case unreadable(line: Int, UnreadableReason)
}

/// A line, or a piece of one, that is no whole record by itself: for the assembler.
struct IrregularLine: Sendable {
  var line: Int
  var bytes: [UInt8]
  /// Whether the line ends here, rather than going on in the next segment.
  var endsLine: Bool
  /// Whether lines that were whole records stood directly before it.
  var followsWholeLines: Bool
}

/// What scanning one segment of a log gives; lines are counted from the segment's first, which is 1.
struct SegmentResult: Sendable {
  var lines = 0
  var coverage = Coverage()
  var otherRecords = 0
  var items: [SegmentItem] = []
  /// Of the segment's first and last events.
  var firstTime: Timestamp?
  var lastTime: Timestamp?
  /// Whether the last lines of the segment were whole records.
  var endsInWholeLines = false

  /// Takes note of the time of an event; of plain ones only of the first and the last, as they are in order.
  mutating func extend(to time: Timestamp?) {
    guard let time, time.microseconds > 0 else { return }
    firstTime = min(firstTime ?? time, time)
    lastTime = max(lastTime ?? time, time)
  }
}

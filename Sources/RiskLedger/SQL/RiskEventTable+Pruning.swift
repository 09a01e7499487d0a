// What goes from the table of risk events, a bounded part of it at a time.

internal import Evaluation

extension RiskEventTable {
  /// Whether any of the events that a step looks at may go, and where the next step begins.
  func expired(_ pruning: PruningSQL) throws(LedgerError) -> (mayGo: Bool, next: PruningCursor?) {
    var last: PruningCursor?
    var (count, mayGo) = (0, false)
    try connection.run([pruning.look]) { _, row in
      last = PruningCursor(time: Timestamp(microseconds: row.integer(at: 0)), id: row.text(at: 1) ?? "")
      count += 1
      if row.integer(at: 2) == 1 { mayGo = true }
    }
    return (mayGo, count < pruning.limit ? nil : last)
  }

  /// Deletes what may go of the events that a step looks at, and says how many these were; to be called in a transaction.
  func delete(_ pruning: PruningSQL) throws(LedgerError) -> Int {
    var count = 0
    try connection.run([pruning.deletion]) { _, _ in count += 1 }
    return count
  }
}

/// The statements of one step of pruning.
struct PruningSQL {
  let limit: Int
  private let values: [SQLValue]

  /// A step over the events behind a cursor, or over the oldest.
  init(_ retention: LedgerRetention, at now: Timestamp, after cursor: PruningCursor?, limit: Int) {
    self.limit = limit
    values = [
      .integer(cursor?.time.microseconds ?? .min), .text(cursor?.id ?? ""),
      .integer(retention.start(at: now).microseconds), .integer(retention.parentStart(at: now).microseconds),
      SQLValue(limit),
    ]
  }

  /// The events in their order, each with its cursor and whether it may go.
  var look: SQLCall {
    SQLCall(
      sql: """
        SELECT time_us, id, CASE WHEN \(Self.mayGo) THEN 1 ELSE 0 END FROM (\(Self.oldest)) AS old ORDER BY time_us, id
        """,
      values: values
    )
  }

  /// Deletes those that may go.
  ///
  /// They are looked for again, as what was written meanwhile may need them.
  var deletion: SQLCall {
    SQLCall(
      sql: """
        DELETE FROM risk_event WHERE sequence IN (
          SELECT sequence FROM (\(Self.oldest)) AS old WHERE \(Self.mayGo)
        )
        RETURNING sequence
        """,
      values: values
    )
  }

  /// At most $5 events older than $3, the oldest behind the cursor; its index has them in this order.
  private static let oldest = """
    SELECT sequence, id, time_us, kind, introduced FROM risk_event
    WHERE (time_us, id) > ($1, $2) AND time_us < $3 ORDER BY time_us, id LIMIT $5
    """

  /// Every exporter that held its lease since $3 must have delivered them, and events of possible owners must also be
  /// older than $4 and have no children.
  ///
  /// The first parent from an id on is the id itself where there are children. Asked whether they exist, PostgreSQL may
  /// read the whole table for the answer; the first in the order of an index is there.
  private static let mayGo = """
    sequence <= (SELECT COALESCE(MIN(delivered), \(Int64.max)) FROM export_position WHERE held_until_us >= $3)
    AND (
      kind = 'Pod' OR introduced = 0
      OR (time_us < $4 AND id <> COALESCE((\(firstParent)), ''))
    )
    """

  private static let firstParent = """
    SELECT child.parent_event FROM risk_event AS child
    WHERE child.parent_event >= old.id ORDER BY child.parent_event LIMIT 1
    """
}

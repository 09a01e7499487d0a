// The outbox on the table of risk events.

internal import Evaluation

extension RiskEventTable {
  /// See `RiskEventOutbox.lease`; to be called in a transaction.
  func lease(
    _ name: String,
    holder: String,
    seconds: Int64,
    at now: Timestamp
  ) throws(LedgerError) -> OutboxPosition? {
    try connection.run(OutboxSQL.add, [[.text(name)]]) { _, _ in }
    let values: [SQLValue] = [
      .text(name), .text(holder), .integer(now.adding(seconds: seconds).microseconds), .integer(now.microseconds),
      .integer(now.adding(seconds: seconds + LedgerLimits.leaseSkewSeconds).microseconds),
    ]
    var position: OutboxPosition?
    try connection.run(OutboxSQL.lease, [values]) { _, row in
      position = OutboxPosition(delivered: row.integer(at: 0), recorded: row.integer(at: 1))
    }
    return position
  }

  /// See `RiskEventOutbox.position`.
  func position(_ name: String) throws(LedgerError) -> OutboxPosition {
    var position = OutboxPosition(delivered: 0, recorded: 0)
    try connection.run(OutboxSQL.position, [[.text(name)]]) { _, row in
      position = OutboxPosition(delivered: row.integer(at: 0), recorded: row.integer(at: 1))
    }
    return position
  }

  /// See `RiskEventOutbox.skipRecorded`; to be called in a transaction.
  func skipRecorded(_ name: String) throws(LedgerError) {
    try connection.run(OutboxSQL.addBehind, [[.text(name)]]) { _, _ in }
  }

  /// See `RiskEventOutbox.lastSequence`.
  func lastSequence() throws(LedgerError) -> Int64 {
    var last: Int64 = 0
    try connection.run(RiskEventSQL.lastSequence, [[]]) { _, row in last = row.integer(at: 0) }
    return last
  }

  /// See `RiskEventOutbox.outgoing`.
  func outgoing(
    after sequence: Int64,
    limit: Int,
    unreadable: (_ sequence: Int64, _ error: LedgerError) -> Void
  ) throws(LedgerError) -> [OutgoingRiskEvent] {
    var events: [OutgoingRiskEvent] = []
    var bytes = 0
    let call = SQLCall(sql: OutboxSQL.outgoing, values: [.integer(sequence), SQLValue(limit)])
    try connection.forEachRow(call) { row in
      let sequence = row.integer(at: 5)
      do throws(LedgerError) {
        let recorded = try recorded(row)
        events.append(OutgoingRiskEvent(sequence: sequence, recorded: recorded))
        bytes += recorded.event.textBytes
      } catch { unreadable(sequence, error) }
      return bytes < LedgerLimits.outgoingBytesMax
    }
    return events
  }

  /// See `RiskEventOutbox.confirm`; to be called in a transaction.
  func confirm(_ name: String, holder: String, delivered sequence: Int64) throws(LedgerError) -> Bool {
    var isHeld = false
    try connection.run(OutboxSQL.confirm, [[.text(name), .text(holder), .integer(sequence)]]) { _, _ in isHeld = true }
    return isHeld
  }

  /// See `RiskEventOutbox.forwardedBytes`.
  func forwardedBytes(of log: String) throws(LedgerError) -> Int64 {
    var bytes: Int64 = 0
    try connection.run(OutboxSQL.forwarded, [[.text(log)]]) { _, row in bytes = row.integer(at: 0) }
    return bytes
  }

  /// See `RiskEventOutbox.setForwardedBytes`; to be called in a transaction.
  func setForwardedBytes(_ bytes: Int64, of log: String) throws(LedgerError) {
    try connection.run(OutboxSQL.setForwarded, [[.text(log), .integer(bytes)]]) { _, _ in }
  }
}

/// The statements of the outbox.
private enum OutboxSQL {
  /// A name that exports for the first time begins with the first event there is.
  static let add = """
    INSERT INTO export_position (name, delivered, holder, held_until_us) VALUES ($1, 0, '', 0)
    ON CONFLICT (name) DO NOTHING
    """

  static let addBehind = """
    INSERT INTO export_position (name, delivered, holder, held_until_us) SELECT $1, (\(RiskEventSQL.lastSequence)), '', 0 WHERE 1 = 1
    ON CONFLICT (name) DO NOTHING
    """

  static let position = """
    SELECT COALESCE((SELECT delivered FROM export_position WHERE name = $1), 0), (\(RiskEventSQL.lastSequence))
    """

  /// A lease that lasts longer than anybody takes it for was taken under a clock that was wrong, and has expired.
  static let lease = """
    UPDATE export_position SET holder = $2, held_until_us = $3
    WHERE name = $1 AND (holder = $2 OR held_until_us <= $4 OR held_until_us > $5)
    RETURNING delivered, (\(RiskEventSQL.lastSequence))
    """

  static let outgoing = """
    SELECT \(RiskEventSQL.columns), sequence FROM risk_event WHERE sequence > $1 ORDER BY sequence LIMIT $2
    """

  static let confirm = """
    UPDATE export_position SET delivered = $3 WHERE name = $1 AND holder = $2 AND delivered <= $3 RETURNING name
    """

  static let forwarded = "SELECT bytes FROM forwarded_log WHERE name = $1"

  static let setForwarded = """
    INSERT INTO forwarded_log (name, bytes) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes
    """
}

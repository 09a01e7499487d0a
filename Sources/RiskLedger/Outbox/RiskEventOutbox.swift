// What a ledger does for exporters: events in the order of recording, and how far each exporter is.

package import Evaluation

/// A recorded event on its way out.
package struct OutgoingRiskEvent: Sendable, Equatable {
  /// Its place in the order of recording.
  package let sequence: Int64
  package let recorded: RecordedRiskEvent

  /// Creates an event.
  package init(sequence: Int64, recorded: RecordedRiskEvent) {
    self.sequence = sequence
    self.recorded = recorded
  }
}

/// How far an exporter is.
package struct OutboxPosition: Sendable, Equatable {
  /// The last event that was delivered; 0 before the first.
  package let delivered: Int64
  /// The last event there is; 0 for none.
  package let recorded: Int64

  /// Creates a position.
  package init(delivered: Int64, recorded: Int64) {
    self.delivered = delivered
    self.recorded = recorded
  }

  /// Events that are not delivered yet, where each sequence number is one.
  package var lag: Int64 { max(0, recorded - delivered) }
}

/// The ledger as an outbox.
///
/// Of all servers that share a ledger one exports under a name at a time: it holds a lease, and whoever finds the lease
/// expired goes on where delivery was last confirmed. So events are delivered at least once, and those in flight when a
/// holder dies twice, with the same ids.
package protocol RiskEventOutbox {
  /// Takes or renews the lease on a name; nil while another holder has it.
  ///
  /// - Parameters:
  ///   - holder: tells one process from all others.
  ///   - seconds: how long it is held without being renewed.
  func lease(
    _ name: String,
    holder: String,
    seconds: Int64,
    at now: Timestamp
  ) throws(LedgerError) -> OutboxPosition?

  /// How far delivery under a name is, whoever delivers.
  func position(_ name: String) throws(LedgerError) -> OutboxPosition

  /// Lets a name under which nothing was delivered yet begin behind what is recorded already.
  func skipRecorded(_ name: String) throws(LedgerError)

  /// The sequence number of the last event that was recorded; 0 for none.
  func lastSequence() throws(LedgerError) -> Int64

  /// Events behind a sequence number, in the order of recording; fewer than there are where they are large.
  ///
  /// - Parameters:
  ///   - limit: the most events that are looked at.
  ///   - unreadable: gets the sequence numbers of events among them that cannot be read, and why; others must not wait for
  ///     these for good.
  func outgoing(
    after sequence: Int64,
    limit: Int,
    unreadable: (_ sequence: Int64, _ error: LedgerError) -> Void
  ) throws(LedgerError) -> [OutgoingRiskEvent]

  /// Notes that all up to a sequence number was delivered.
  ///
  /// - Returns: false when the lease is no longer the holder's.
  func confirm(_ name: String, holder: String, delivered sequence: Int64) throws(LedgerError) -> Bool

  /// How many bytes of a log were forwarded as they are; 0 for one that is not known.
  func forwardedBytes(of log: String) throws(LedgerError) -> Int64

  /// Notes how many bytes of a log were forwarded.
  func setForwardedBytes(_ bytes: Int64, of log: String) throws(LedgerError)
}

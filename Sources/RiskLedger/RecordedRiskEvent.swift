// A risk event and what the ledger alone knows about it.

package import Evaluation
package import JSONDocument

/// A risk event as a ledger keeps it.
package struct RecordedRiskEvent: Sendable, Equatable {
  package var event: RiskEvent
  /// Whether its score is charged to the risk object; see `CountingRule`.
  package var counted: Bool

  /// Bytes of most lines.
  private static let usualLineBytes = 2_048

  /// Creates a recorded event.
  package init(event: RiskEvent, counted: Bool) {
    self.event = event
    self.counted = counted
  }

  /// The event as one line of JSON.
  package var line: [UInt8] {
    var writer = JSONWriter(capacityBytes: Self.usualLineBytes)
    write(to: &writer)
    writer.newline()
    return writer.bytes
  }

  /// Writes it as one JSON object.
  package func write(to writer: inout JSONWriter) { event.write(to: &writer, counted: counted) }
}

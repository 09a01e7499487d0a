// `hostfence risk events`.

internal import Evaluation
internal import JSONDocument
package import RiskLedger

/// Recorded risk events as a JSON array, one event per line, written piece by piece so that a ledger of any size fits.
package struct RiskEventsJSONReport {
  private var isEmpty = true

  /// Creates a report without events.
  package init() {}

  /// The bytes that add an event.
  package mutating func append(_ recorded: RecordedRiskEvent) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 1_024)
    recorded.write(to: &writer)
    defer { isEmpty = false }
    return Array((isEmpty ? "[\n" : ",\n").utf8) + writer.bytes
  }

  /// The bytes that end the report.
  package func end() -> [UInt8] { Array((isEmpty ? "[]\n" : "\n]\n").utf8) }
}

/// Recorded risk events as a table for people.
package enum RiskEventsTextReport {
  private static let headings = ["TIME", "USER", "SCORE", "COUNTED", "DECISION", "NEW", "KIND", "OBJECT", "FIELD"]

  /// A table with a line of headings.
  package static func render(_ events: [RecordedRiskEvent], style: TextStyle) -> [UInt8] {
    let rows = [headings] + events.map { recorded in cells(recorded).map { style.plain($0) } }
    let widths = headings.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var text = ""
    for row in rows {
      for (column, cell) in row.enumerated() {
        let padding = column == row.count - 1 ? 0 : widths[column] - cell.count + 2
        text += cell + String(repeating: " ", count: padding)
      }
      text += "\n"
    }
    return Array(text.utf8)
  }

  private static func cells(_ recorded: RecordedRiskEvent) -> [String] {
    let event = recorded.event
    return [
      event.time.description.prefix(19) + "Z", event.riskObject, String(event.riskScore),
      recorded.counted ? "yes" : "no", event.decision.rawValue, event.introduced ? "yes" : "no",
      event.groupVersionKind.kind, event.namespace.isEmpty ? event.name : "\(event.namespace)/\(event.name)",
      event.attachment.field,
    ]
  }
}

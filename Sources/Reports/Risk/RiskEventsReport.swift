// `hostfence risk events`.

internal import Evaluation
internal import JSONDocument
package import RiskLedger

/// Recorded risk events as a JSON array, one event per line, written piece by piece so that a ledger of any size fits.
package struct RiskEventsJSONReport {
  private var array = JSONArrayReport()

  /// Creates a report without events.
  package init() {}

  /// The bytes that add an event.
  package mutating func append(_ recorded: RecordedRiskEvent) -> [UInt8] {
    array.append { recorded.write(to: &$0) }
  }

  /// The bytes that end the report.
  package func end() -> [UInt8] { array.end() }
}

/// Recorded risk events as comma-separated values, a line each.
package enum RiskEventsCSVReport {
  /// The line of names.
  package static var names: [UInt8] { CSVText.names(of: RiskEventFields.brief) }

  /// The line of an event.
  package static func line(_ recorded: RecordedRiskEvent) -> [UInt8] {
    CSVText.row(of: recorded, RiskEventFields.brief)
  }
}

/// Recorded risk events as a table for people.
package enum RiskEventsTextReport {
  private static let headings = [
    "TIME", "USER", "SCORE", "COUNTED", "DECISION", "NEW", "KIND", "OBJECT", "FIELD", "BY",
  ]

  /// A table with a line of headings.
  package static func render(_ events: [RecordedRiskEvent], style: TextStyle) -> [UInt8] {
    Array(AlignedTable.render(headings, events.map(cells), style: style).utf8)
  }

  private static func cells(_ recorded: RecordedRiskEvent) -> [String] {
    let event = recorded.event
    return [
      event.time.second, event.riskObject, String(event.riskScore), recorded.counted ? "yes" : "no",
      event.decision.rawValue, event.introduced ? "yes" : "no", event.groupVersionKind.kind,
      event.objectPath, event.attachment.field, by(event),
    ]
  }

  /// Who sent the request, where that is not who is charged or may not be.
  private static func by(_ event: RiskEvent) -> String {
    switch event.rootActor {
    case .requester: ""
    case .known: event.requester
    case .unknown: "for whom is not known"
    }
  }
}

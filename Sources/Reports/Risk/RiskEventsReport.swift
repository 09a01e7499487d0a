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
  private static let columns: [BriefColumn<RecordedRiskEvent>] = [
    BriefColumn("TIME", width: 20, rank: 3) { BriefCell($0.event.time.second) },
    BriefColumn("USER", 12...64, weight: 3, rank: 1) { BriefCell(user: $0.event.riskObject) },
    BriefColumn("SCORE", width: 5, rank: 4) { BriefCell(String($0.event.riskScore)) },
    BriefColumn("COUNTED", width: 7, rank: 6) { BriefCell($0.counted ? "yes" : "no") },
    BriefColumn("DECISION", width: 8, rank: 2) { recorded in
      BriefCell(recorded.event.decision.rawValue, verdict: recorded.event.decision)
    },
    BriefColumn("NEW", width: 3, rank: 7) { BriefCell($0.event.introduced ? "yes" : "no") },
    BriefColumn("KIND", 7...24, weight: 2, rank: 5) { BriefCell($0.event.groupVersionKind.kind) },
    BriefColumn("OBJECT", 14...64, weight: 4, rank: 0) { BriefCell($0.event.objectPath) },
    BriefColumn("FIELD", 20...60, weight: 3, rank: 9) { BriefCell($0.event.attachment.field) },
    BriefColumn("BY", 12...64, weight: 2, rank: 8) { by($0.event) },
  ]

  /// A table with a line of headings, no wider than the terminal.
  ///
  /// - Parameter widthColumns: nil where there is no terminal; then nothing is cut.
  package static func render(_ events: [RecordedRiskEvent], style: TextStyle, widthColumns: Int?) -> [UInt8] {
    BriefTable.render(columns, events, style: style, widthColumns: widthColumns)
  }

  /// Who sent the request, where that is not who is charged or may not be.
  private static func by(_ event: RiskEvent) -> BriefCell {
    switch event.rootActor {
    case .requester: BriefCell("")
    case .known: BriefCell(user: event.requester)
    case .unknown: BriefCell("for whom is not known")
    }
  }
}

// `hostfence risk objects` and `hostfence risk incidents`.

internal import Evaluation
internal import JSONDocument
package import RiskLedger

/// Risk objects (Splunk ES 8: entities), those with the highest scores first.
package enum RiskObjectsReport {
  /// Namespaces that text names of each.
  private static let namespacesShown = 8

  private static let columns: [BriefColumn<RiskObjectSummary>] = [
    BriefColumn("USER", 12...64, weight: 3, rank: 0) { BriefCell(user: $0.riskObject) },
    BriefColumn("SCORE", width: 5, rank: 1) { BriefCell(NumberText.grouped($0.score)) },
    BriefColumn("COUNTED", width: 7, rank: 5) { BriefCell(NumberText.grouped($0.counted)) },
    BriefColumn("EVENTS", width: 6, rank: 3) { BriefCell(NumberText.grouped($0.events)) },
    BriefColumn("FIRST SEEN", width: 20, rank: 6) { BriefCell($0.firstSeen.second) },
    BriefColumn("LAST SEEN", width: 20, rank: 2) { BriefCell($0.lastSeen.second) },
    BriefColumn("ATT&CK", width: 11, rank: 7) { _ in
      BriefCell(Detection.hostNetwork.annotations.mitreAttack.joined(separator: " "))
    },
    BriefColumn("NAMESPACES", 12...64, weight: 2, rank: 4) { BriefCell(namespaces(of: $0)) },
  ]

  /// A table for people, no wider than the terminal.
  ///
  /// - Parameter widthColumns: nil where there is no terminal; then nothing is cut.
  package static func text(_ objects: [RiskObjectSummary], style: TextStyle, widthColumns: Int?) -> [UInt8] {
    guard !objects.isEmpty else { return Array("No risk events in this period.\n".utf8) }
    return BriefTable.render(columns, objects, style: style, widthColumns: widthColumns)
  }

  private static func namespaces(of object: RiskObjectSummary) -> String {
    let shown = object.namespaces.prefix(namespacesShown).map { $0.isEmpty ? "(cluster)" : $0 }
    let rest = object.namespaces.count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(NumberText.grouped(rest)) more" : "")
  }

  /// A JSON array, one risk object per line.
  package static func json(_ objects: [RiskObjectSummary]) -> [UInt8] {
    JSONArrayReport.of(objects) { writer, object in
      for field in RiskObjectFields.all { writer.write(field, of: object) }
    }
  }

  /// Comma-separated values.
  package static func csv(_ objects: [RiskObjectSummary]) -> [UInt8] {
    CSVText.names(of: RiskObjectFields.all) + objects.flatMap { CSVText.row(of: $0, RiskObjectFields.all) }
  }
}

/// Incidents, the gravest first.
package enum RiskIncidentsReport {
  /// Lines of evidence that text shows of each.
  package static let evidenceShown = 10

  /// A paragraph for each, with its evidence.
  package static func text(_ incidents: [RiskIncident], style: TextStyle) -> [UInt8] {
    guard !incidents.isEmpty else { return Array("No incidents in this period.\n".utf8) }
    return Array(incidents.map { paragraph($0, style) }.joined(separator: "\n").utf8)
  }

  private static func paragraph(_ incident: RiskIncident, _ style: TextStyle) -> String {
    let severity = incident.severity.rawValue
    var text = """
      \(incident.severity == .medium ? style.caution(severity) : style.failure(severity))  \
      \(style.place(incident.riskObject))  \(incident.score) where \(incident.threshold.score) is the threshold  \
      (\(incident.rule))
        \(NumberText.counted(incident.counted, "charge")) from \(incident.since.second) to \
      \(incident.until.second), \(NumberText.counted(incident.events, "event")) with what was derived

      """
    // What was charged says why; what was derived from it comes by the thousand.
    let shown = incident.evidence.filter(\.counted).prefix(evidenceShown)
    for recorded in shown {
      let event = recorded.event
      text += "    \(event.time.second)  +\(event.riskScore)  \(event.decision.rawValue)  "
      text += style.plain("\(event.groupVersionKind.kind) \(event.objectPath)  \(event.attachment.field)") + "\n"
    }
    let rest = incident.events - shown.count
    if rest > 0 { text += "    and \(NumberText.counted(rest, "further event")) (--output json lists them)\n" }
    return text
  }

  /// A JSON array, one incident per line, each with its evidence.
  package static func json(_ incidents: [RiskIncident]) -> [UInt8] {
    JSONArrayReport.of(incidents) { writer, incident in writer.writeMembers(of: incident) }
  }

  /// Comma-separated values, without the evidence.
  package static func csv(_ incidents: [RiskIncident]) -> [UInt8] {
    CSVText.names(of: RiskIncidentFields.all) + incidents.flatMap { CSVText.row(of: $0, RiskIncidentFields.all) }
  }
}

/// A JSON array with one element per line, so that line tools can work on it; written piece by piece.
struct JSONArrayReport {
  private var isEmpty = true

  /// The bytes that add an element.
  mutating func append(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 1_024)
    write(&writer)
    defer { isEmpty = false }
    return Array((isEmpty ? "[\n" : ",\n").utf8) + writer.bytes
  }

  /// The bytes that end the array.
  func end() -> [UInt8] { Array((isEmpty ? "[]\n" : "\n]\n").utf8) }

  /// An array of objects, each with the members that `members` writes.
  static func of<Element>(_ elements: [Element], _ members: (inout JSONWriter, Element) -> Void) -> [UInt8] {
    var report = JSONArrayReport()
    let text = elements.flatMap { element in
      report.append { writer in
        writer.beginObject()
        members(&writer, element)
        writer.endObject()
      }
    }
    return text + report.end()
  }
}

extension JSONWriter {
  /// Writes an incident with its evidence in brief.
  mutating func writeMembers(of incident: RiskIncident) {
    for field in RiskIncidentFields.all { write(field, of: incident) }
    key("evidence")
    writeArray(incident.evidence)
    field("evidenceLeftOut", incident.evidenceLeftOut)
  }

  /// Writes events in brief.
  mutating func writeArray(_ events: [RecordedRiskEvent]) {
    beginArray()
    for event in events {
      beginObject()
      for field in RiskEventFields.brief {
        // Every event has every name: whoever reads them by column wants to find it.
        if field.value(event) == .text(nil) {
          key(field.name)
          null()
        } else {
          write(field, of: event)
        }
      }
      endObject()
    }
    endArray()
  }
}

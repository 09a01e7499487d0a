// From a recorded risk event to what a collector takes.

internal import Evaluation
internal import JSONDocument
internal import RiskLedger

/// How events are written.
package enum CollectorShape: String, Sendable, CaseIterable {
  /// For Splunk Enterprise Security: what its own searches write into the index `risk`, of events that count.
  case risk
  /// Every event as JSON.
  case event
  /// Every event as an OCSF Detection Finding.
  case ocsf
}

/// Metadata of the events of one exporter.
package struct CollectorMetadata: Sendable, Equatable {
  package var shape: CollectorShape
  /// Nil leaves it to the token; the shape `risk` goes to the index `risk`.
  package var index: String?
  /// The host that the events are said to come from.
  package var host: String
  /// The version of this program, which findings name.
  package var productVersion: String

  /// Creates metadata.
  package init(shape: CollectorShape, index: String? = nil, host: String, productVersion: String) {
    self.productVersion = productVersion
    self.shape = shape
    self.index = index
    self.host = host
  }

  /// Whether an event is sent at all: in the index `risk` every event adds to somebody's score.
  func sends(_ recorded: RecordedRiskEvent) -> Bool { shape != .risk || recorded.counted }

  /// Writes one event with its envelope (Splunk, Format events for HTTP Event Collector).
  ///
  /// - Parameter withFields: whether the id goes along as an index-time field, by which Splunk can tell duplicates.
  func write(_ recorded: RecordedRiskEvent, withFields: Bool, to writer: inout JSONWriter) {
    let event = recorded.event
    writer.beginObject()
    writer.key("time")
    writer.raw(Self.seconds(event.time))
    writer.field("host", host)
    switch shape {
    case .risk:
      writer.field("source", Detection.hostNetwork.searchName)
      writer.field("sourcetype", "stash")
      writer.field("index", index ?? "risk")
      writer.field("event", StashLine(event).text)
    case .event:
      writer.field("source", "hostfence")
      writer.field("sourcetype", "hostfence:risk")
      if let index { writer.field("index", index) }
      writer.key("event")
      recorded.write(to: &writer)
    case .ocsf:
      writer.field("source", "hostfence")
      writer.field("sourcetype", "ocsf:detection_finding")
      if let index { writer.field("index", index) }
      writer.key("event")
      OCSFFinding(recorded, productVersion: productVersion).write(to: &writer)
    }
    if withFields {
      writer.key("fields")
      writer.beginObject()
      writer.field("hostfence_id", event.id)
      writer.endObject()
    }
    writer.endObject()
  }

  /// Seconds since the epoch with three decimals, as Splunk reads them.
  static func seconds(_ time: Timestamp) -> String {
    let milliseconds = time.microseconds.quotientAndRemainder(dividingBy: 1_000).quotient
    let magnitude = milliseconds.magnitude
    let digits = String(magnitude % 1_000)
    let fraction = String(repeating: "0", count: 3 - digits.count) + digits
    return "\(milliseconds < 0 ? "-" : "")\(magnitude / 1_000).\(fraction)"
  }
}

/// A line as Enterprise Security's searches write it into the index `risk`: a time and pairs of key and value.
///
/// Source: Splunk Enterprise Security, risk index; contentctl, objects/risk_event.py (the fields that it requires).
struct StashLine {
  private(set) var text: String

  init(_ event: RiskEvent) {
    let detection = Detection.hostNetwork
    text = CollectorMetadata.seconds(event.time)
    add("search_name", detection.searchName)
    add("savedsearch_description", detection.summary)
    add("orig_sid", event.id)
    // The second of the event, as where a search for what contributed looks.
    let second = event.time.microseconds.quotientAndRemainder(dividingBy: 1_000_000).quotient
    add("info_min_time", "\(second).000")
    add("info_max_time", "\(second + 1).000")
    add("info_search_time", CollectorMetadata.seconds(event.time))
    add("orig_time", CollectorMetadata.seconds(event.time))
    add("risk_object", event.riskObject)
    add("risk_object_type", event.riskObjectType)
    add("risk_score", "\(event.riskScore)")
    add("risk_message", event.riskMessage)
    add("normalized_risk_object", event.riskObject)
    if let threatObject = event.threatObject {
      add("threat_object", threatObject)
      add("threat_object_type", "ip_address")
    }
    addAnnotations(detection.annotations)
    add("contributing_events_search", "search index=* hostfence_id=\"\(Self.searched(event.id))\"")
    add("detection_type", "ebd")
    add("decision", event.decision.rawValue)
    add("rule", event.rule.rawValue)
    add("operation", event.operation)
    add("kind", event.groupVersionKind.kind)
    add("namespace", event.namespace)
    add("object", event.name)
    add("object_uid", event.objectUID)
    add("field", event.attachment.field)
    for container in event.attachment.containers { add("image", container.image) }
  }

  /// Adds annotations as the data model Risk has them: each framework, the names of all, and the values of all.
  private mutating func addAnnotations(_ annotations: RiskAnnotations) {
    for story in annotations.analyticStories { add("analyticstories", story) }
    let frameworks = [
      ("mitre_attack", annotations.mitreAttack), ("kill_chain_phases", annotations.killChainPhases),
      ("cis20", annotations.cis20), ("nist", annotations.nist),
    ]
    for (framework, values) in frameworks {
      for value in values { add("annotations.\(framework)", value) }
      for value in values { add("annotations._all", value) }
      add("annotations._frameworks", framework)
    }
    add("annotations", annotations.json)
  }

  /// An id as a search finds it again.
  ///
  /// Clients choose parts of an id, and an analyst runs the search: all that could end the text, or be a macro, a token or a
  /// subsearch, becomes a wildcard.
  private static func searched(_ id: String) -> String {
    var text = ""
    for scalar in id.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", ":", "/", "@", "#", "~": text.unicodeScalars.append(scalar)
      default: if text.last != "*" { text += "*" }
      }
    }
    return text
  }

  /// Adds a pair; quotation marks and backslashes are escaped, and what would end the line is a blank.
  private mutating func add(_ key: String, _ value: String) {
    var escaped = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"", "\\": escaped += "\\\(scalar)"
      case "\n", "\r", "\u{0}": escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    text += ", \(key)=\"\(escaped)\""
  }
}

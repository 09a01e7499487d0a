// A risk event in the words of the Open Cybersecurity Schema Framework.

internal import Evaluation
package import JSONDocument
package import RiskLedger

/// A Detection Finding of OCSF 1.8.0 (class 2004), with the profile `security_control`.
///
/// Source: schema.ocsf.io, 1.8.0, detection_finding and its objects.
package struct OCSFFinding {
  private let recorded: RecordedRiskEvent
  private let productVersion: String

  /// The version of the schema.
  private static let schemaVersion = "1.8.0"

  /// Describes an event.
  package init(_ recorded: RecordedRiskEvent, productVersion: String) {
    self.recorded = recorded
    self.productVersion = productVersion
  }

  private var event: RiskEvent { recorded.event }

  /// The finding as one line.
  package var line: [UInt8] {
    var writer = JSONWriter(capacityBytes: 4_096)
    write(to: &writer)
    writer.newline()
    return writer.bytes
  }

  /// Writes the finding as one JSON object.
  package func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writeClassification(&writer)
    writeRisk(&writer)
    writer.field("message", event.riskMessage)
    writeMetadata(&writer)
    writeFindingInfo(&writer)
    writeEvidences(&writer)
    writeResources(&writer)
    writeObservables(&writer)
    writer.key("unmapped")
    recorded.write(to: &writer)
    writer.endObject()
  }

  /// Milliseconds since the epoch.
  private var time: Int { Int(event.time.microseconds / 1_000) }

  private func writeClassification(_ writer: inout JSONWriter) {
    writer.field("activity_id", 1)
    writer.field("activity_name", "Create")
    writer.field("category_uid", 2)
    writer.field("category_name", "Findings")
    writer.field("class_uid", 2004)
    writer.field("class_name", "Detection Finding")
    writer.field("type_uid", 200_401)
    writer.field("time", time)
    writer.field("timezone_offset", 0)
    // 1 New, 3 Suppressed: an exemption of the policy let it be.
    writer.field("status_id", event.exemption == nil ? 1 : 3)
    writer.field("status", event.exemption == nil ? "New" : "Suppressed")
    writer.field("is_alert", recorded.counted)
  }

  /// Severity by the score, in the bands of Splunk Enterprise Security: 20, 40, 60, 80.
  private var severity: (id: Int, name: String) {
    switch event.riskScore {
    case ...20: (1, "Informational")
    case ...40: (2, "Low")
    case ...60: (3, "Medium")
    case ...80: (4, "High")
    default: (5, "Critical")
    }
  }

  private func writeRisk(_ writer: inout JSONWriter) {
    writer.field("severity_id", severity.id)
    writer.field("severity", severity.name)
    writer.field("risk_score", event.riskScore)
    // 0 Info to 4 Critical.
    writer.field("risk_level_id", severity.id - 1)
    let isCertain = event.attachment.certainty == .certain
    writer.field("confidence_id", isCertain ? 3 : 1)
    writer.field("confidence", isCertain ? "High" : "Low")
    // 1 Allowed, 2 Denied, 3 Observed; 1 Allowed, 2 Blocked, 15 Detected, 19 Alert. What the mode audit lets pass is seen and
    // no more; what an exemption lets pass is meant to.
    let (action, disposition) =
      switch event.decision {
      case .deny: ((2, "Denied"), (2, "Blocked"))
      case .warn: ((3, "Observed"), (19, "Alert"))
      case .allow where event.mode == .audit && event.exemption == nil: ((3, "Observed"), (15, "Detected"))
      case .allow: ((1, "Allowed"), (1, "Allowed"))
      }
    writer.field("action_id", action.0)
    writer.field("action", action.1)
    writer.field("disposition_id", disposition.0)
    writer.field("disposition", disposition.1)
  }

  private func writeMetadata(_ writer: inout JSONWriter) {
    writer.key("metadata")
    writer.beginObject()
    writer.field("version", Self.schemaVersion)
    writer.field("uid", event.id)
    writer.field("correlation_uid", event.rootEvent ?? event.id)
    writer.field("profiles", ["security_control"])
    writer.key("product")
    writer.beginObject()
    writer.field("name", "Hostfence")
    writer.field("vendor_name", "Hostfence")
    writer.field("version", productVersion)
    writer.endObject()
    writer.endObject()
  }

  private func writeFindingInfo(_ writer: inout JSONWriter) {
    let annotations = Detection.hostNetwork.annotations
    writer.key("finding_info")
    writer.beginObject()
    writer.field("uid", event.id)
    writer.field("title", Detection.hostNetwork.title)
    writer.field("desc", "\(event.attachment.field) of \(event.groupVersionKind.kind) \(event.objectPath)")
    writer.field("created_time", time)
    writer.field("types", ["Anomaly"])
    writer.field("data_sources", annotations.dataSources)
    writer.key("analytic")
    writer.beginObject()
    writer.field("type_id", 1)
    writer.field("type", "Rule")
    writer.field("name", Detection.hostNetwork.searchName)
    writer.field("uid", Detection.hostNetwork.analyticID)
    writer.endObject()
    writer.key("attacks")
    writer.beginArray()
    for technique in annotations.mitreAttack {
      writer.beginObject()
      writer.key("technique")
      writer.beginObject()
      writer.field("uid", technique)
      writer.endObject()
      writer.endObject()
    }
    writer.endArray()
    writer.key("kill_chain")
    writer.raw(#"[{"phase_id":5,"phase":"Installation"}]"#)
    writer.endObject()
  }

  private func writeEvidences(_ writer: inout JSONWriter) {
    writer.key("evidences")
    writer.beginArray()
    writer.beginObject()
    writer.key("actor")
    writer.beginObject()
    writer.key("user")
    writer.beginObject()
    writer.field("name", event.requester)
    if !event.userGroups.isEmpty {
      writer.key("groups")
      writer.beginArray()
      for group in event.userGroups {
        writer.beginObject()
        writer.field("name", group)
        writer.endObject()
      }
      writer.endArray()
    }
    writer.endObject()
    writer.endObject()
    writer.key("api")
    writer.beginObject()
    writer.field("operation", event.operation.lowercased())
    writer.field("version", event.groupVersionKind.apiVersion)
    writer.key("request")
    writer.beginObject()
    writer.field("uid", event.requestUID.isEmpty ? event.id : event.requestUID)
    writer.endObject()
    writer.endObject()
    if let address = event.threatObject {
      writer.key("src_endpoint")
      writer.beginObject()
      writer.field("ip", address)
      writer.endObject()
    }
    writer.endObject()
    writer.endArray()
  }

  private func writeResources(_ writer: inout JSONWriter) {
    writer.key("resources")
    writer.beginArray()
    writer.beginObject()
    if !event.objectUID.isEmpty { writer.field("uid", event.objectUID) }
    writer.field("name", event.name.isEmpty ? "(generated)" : event.name)
    if !event.namespace.isEmpty { writer.field("namespace", event.namespace) }
    writer.field("type", event.groupVersionKind.kind)
    // 3 Affected.
    writer.field("role_id", 3)
    writer.endObject()
    writer.endArray()
  }

  private func writeObservables(_ writer: inout JSONWriter) {
    writer.key("observables")
    writer.beginArray()
    // 4 User Name, 2 IP Address, 38 the name of a resource.
    observable("evidences[0].actor.user.name", 4, event.requester, &writer)
    if let address = event.threatObject { observable("evidences[0].src_endpoint.ip", 2, address, &writer) }
    if !event.name.isEmpty { observable("resources[0].name", 38, event.name, &writer) }
    writer.endArray()
  }

  private func observable(_ name: String, _ type: Int, _ value: String, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.field("name", name)
    writer.field("type_id", type)
    writer.field("value", value)
    writer.endObject()
  }
}

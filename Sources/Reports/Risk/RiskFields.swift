// What reports for programs tell of risk objects, incidents and risk events; the names are a contract.

internal import Evaluation
internal import RiskLedger

/// The fields of a risk object.
enum RiskObjectFields {
  static let all: [ReportField<RiskObjectSummary>] = [
    ReportField("riskObject") { .text($0.riskObject) },
    ReportField("riskObjectType") { .text($0.riskObjectType) },
    ReportField("score") { .number($0.score) },
    ReportField("counted") { .number($0.counted) },
    ReportField("events") { .number($0.events) },
    ReportField("firstSeen") { .text($0.firstSeen.description) },
    ReportField("lastSeen") { .text($0.lastSeen.description) },
    ReportField("namespaces") { .texts($0.namespaces) },
    ReportField("techniques") { _ in .texts(Detection.hostNetwork.annotations.mitreAttack) },
  ]
}

/// The fields of an incident, but for its evidence.
enum RiskIncidentFields {
  static let all: [ReportField<RiskIncident>] = [
    ReportField("id") { .text($0.id) },
    ReportField("riskObject") { .text($0.riskObject) },
    ReportField("riskObjectType") { .text($0.riskObjectType) },
    ReportField("rule") { .text($0.rule) },
    ReportField("severity") { .text($0.severity.rawValue) },
    ReportField("score") { .number($0.score) },
    ReportField("threshold") { .number($0.threshold.score) },
    ReportField("windowSeconds") { .number(Int($0.threshold.windowSeconds)) },
    ReportField("since") { .text($0.since.description) },
    ReportField("until") { .text($0.until.description) },
    ReportField("counted") { .number($0.counted) },
    ReportField("events") { .number($0.events) },
    ReportField("namespaces") { .texts($0.namespaces) },
    ReportField("techniques") { _ in .texts(Detection.hostNetwork.annotations.mitreAttack) },
  ]
}

/// The fields of a recorded event in brief; `RiskEvent.write` has all of them.
enum RiskEventFields {
  static let brief: [ReportField<RecordedRiskEvent>] = [
    ReportField("id") { .text($0.event.id) },
    ReportField("time") { .text($0.event.time.description) },
    ReportField("riskObject") { .text($0.event.riskObject) },
    ReportField("requester") { .text($0.event.requester) },
    ReportField("rootActor") { .text($0.event.rootActor.rawValue) },
    ReportField("rootEvent") { .text($0.event.rootEvent) },
    ReportField("riskScore") { .number($0.event.riskScore) },
    ReportField("counted") { .flag($0.counted) },
    ReportField("decision") { .text($0.event.decision.rawValue) },
    ReportField("rule") { .text($0.event.rule.rawValue) },
    ReportField("exemption") { .text($0.event.exemption) },
    ReportField("operation") { .text($0.event.operation) },
    ReportField("kind") { .text($0.event.groupVersionKind.kind) },
    ReportField("namespace") { .text($0.event.namespace) },
    ReportField("name") { .text($0.event.name) },
    ReportField("field") { .text($0.event.attachment.field) },
    ReportField("images") { .texts($0.event.attachment.containers.map(\.image)) },
    ReportField("aggravations") { .texts($0.event.attachment.aggravations.map(\.rawValue)) },
    ReportField("threatObject") { .text($0.event.threatObject) },
  ]
}

extension RiskIncident {
  /// The rule that found it, as Enterprise Security names its own of 24 hours.
  var rule: String { "\(NumberText.span(threshold.windowSeconds)) Risk Threshold Exceeded" }
}

extension Timestamp {
  /// To the second, for tables.
  var second: String { "\(description.prefix(19))Z" }
}

// What reports for programs tell of each finding.

internal import AuditLog
internal import Evaluation

/// The fields of a finding.
enum FindingFields {
  /// Those with one value, or a list of texts.
  static let simple: [ReportField<ReplayFinding>] = [
    ReportField("auditID") { .text($0.subject.uid) },
    ReportField("time") { .text($0.subject.time.description) },
    ReportField("verdict") { .text($0.decision.verdict.rawValue) },
    ReportField("rule") { .text($0.decision.rule.rawValue) },
    ReportField("exemption") { .text($0.decision.exemption) },
    ReportField("policyRevision") { .text($0.decision.policyRevision) },
    ReportField("mode") { .text($0.decision.mode.rawValue) },
    ReportField("user") { .text($0.subject.user.username) },
    ReportField("groups") { .texts($0.subject.user.groups) },
    ReportField("impersonator") { .text($0.impersonator) },
    ReportField("sourceIPs") { .texts($0.sourceIPs) },
    ReportField("userAgent") { .text($0.userAgent) },
    ReportField("verb") { .text($0.verb) },
    ReportField("operation") { .text($0.subject.operation.rawValue) },
    ReportField("apiVersion") { .text($0.subject.kind.apiVersion) },
    ReportField("kind") { .text($0.subject.kind.kind) },
    ReportField("namespace") { .text($0.subject.namespace) },
    ReportField("name") { .text($0.subject.name) },
    ReportField("generateName") { .text($0.generateName) },
    ReportField("objectUID") { .text($0.subject.objectUID) },
    ReportField("subresource") { .text($0.subject.subresource) },
    ReportField("outcome") { .text($0.outcomeName) },
    ReportField("responseCode") { .number($0.responseCode) },
    ReportField("evidence") { .text($0.evidence.rawValue) },
    ReportField("previous") { .text($0.previous.rawValue) },
    ReportField("file") { .text($0.file) },
    ReportField("line") { .number($0.line) },
  ]

  /// The rest as lists, for formats without objects inside objects; the attachments stand in the same order in each.
  static let flattened: [ReportField<ReplayFinding>] = [
    ReportField("ownerKind") { .text($0.subject.controller?.kind) },
    ReportField("ownerName") { .text($0.subject.controller?.name) },
    attachments("pointers") { $0.attachment.pointer },
    attachments("fields") { $0.attachment.field },
    attachments("certainties") { $0.attachment.certainty.rawValue },
    attachments("introduced") { $0.introduced ? "true" : "false" },
    attachments("verdicts") { $0.verdict.rawValue },
    ReportField("containers") { .texts(containers($0).map(\.name)) },
    ReportField("images") { .texts(containers($0).map(\.image)) },
    ReportField("hostPorts") { .texts($0.decision.attachments.flatMap(\.attachment.hostPorts)) },
    ReportField("aggravations") { finding in
      .texts(finding.decision.attachments.flatMap(\.attachment.aggravations).map(\.rawValue))
    },
    ReportField("reasons") { .texts($0.reasons) },
  ]

  private static func attachments(
    _ name: String,
    _ value: @escaping @Sendable (Decision.JudgedAttachment) -> String
  ) -> ReportField<ReplayFinding> {
    ReportField(name) { .texts($0.decision.attachments.map(value)) }
  }

  private static func containers(_ finding: ReplayFinding) -> [HostNetworkAttachment.Container] {
    finding.decision.attachments.flatMap(\.attachment.containers)
  }
}

/// The fields of an event of a comparison.
enum ComparedFields {
  static let all: [ReportField<ComparedEvent>] = [
    ReportField("onlyIn") { .text($0.onlyIn.rawValue) },
    ReportField("why") { .text($0.why) },
    ReportField("auditID") { .text($0.auditID) },
    ReportField("time") { .text($0.time.description) },
    ReportField("user") { .text($0.user) },
    ReportField("verb") { .text($0.verb) },
    ReportField("resource") { .text($0.resource) },
    ReportField("namespace") { .text($0.namespace) },
    ReportField("name") { .text($0.name) },
    ReportField("responseCode") { .number($0.responseCode) },
    ReportField("file") { .text($0.file) },
    ReportField("line") { .number($0.line) },
  ]
}

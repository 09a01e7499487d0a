// Writes the AdmissionReview that answers one.

internal import Evaluation
internal import JSONDocument

/// The answer to a review (k8s.io/api/admission/v1, AdmissionResponse).
enum AdmissionResponse {
  /// Annotation keys, which the API server stores as `<webhook name>/<key>` (at most 63 of `[A-Za-z0-9-_.]`).
  private enum AuditAnnotation {
    static let decision = "decision"
    static let mode = "mode"
    static let rule = "rule"
    static let pointers = "pointers"
    static let exemption = "exemption"
    static let policyRevision = "policy-revision"
    static let introduced = "introduced"
  }

  /// Pointers named in an annotation, and the characters of all of them; audit events have a size limit of their own.
  private static let annotatedPointersMax = 8
  private static let annotationCharactersMax = 512

  /// The answer to a request that leaves no trace, around its uid: nearly all answers.
  private static let allowed = (
    before: #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"#,
    after: #","allowed":true}}"#
  )

  /// Writes the answer to `request`.
  static func write(_ decision: Decision, for request: borrowing AdmissionRequest, to writer: inout JSONWriter) {
    guard !decision.attachments.isEmpty else { return writer.raw(allowed.before, request.uid, allowed.after) }
    writer.beginObject()
    writer.field("kind", "AdmissionReview")
    writer.field("apiVersion", "admission.k8s.io/v1")
    writer.key("response")
    writer.beginObject()
    writer.field("uid", request.uid)
    writer.field("allowed", decision.verdict != .deny)
    let wording = Wording(for: request)
    if decision.verdict == .deny { writeStatus(wording.denial(decision), to: &writer) }
    let warnings = wording.warnings(decision)
    if !warnings.isEmpty { writer.field("warnings", warnings) }
    writeAnnotations(decision, to: &writer)
    writer.endObject()
    writer.endObject()
  }

  private static func writeStatus(_ message: String, to writer: inout JSONWriter) {
    writer.key("status")
    writer.beginObject()
    writer.field("status", "Failure")
    writer.field("message", message)
    writer.field("reason", "Forbidden")
    writer.field("code", 403)
    writer.endObject()
  }

  private static func writeAnnotations(_ decision: Decision, to writer: inout JSONWriter) {
    let pointers = decision.attachments.prefix(annotatedPointersMax).map(\.attachment.pointer)
    writer.key("auditAnnotations")
    writer.beginObject()
    writer.field(AuditAnnotation.decision, decision.verdict.rawValue)
    writer.field(AuditAnnotation.mode, decision.mode.rawValue)
    writer.field(AuditAnnotation.rule, decision.rule.rawValue)
    writer.field(AuditAnnotation.exemption, decision.exemption)
    writer.field(AuditAnnotation.policyRevision, decision.policyRevision)
    writer.field(AuditAnnotation.introduced, decision.attachments.contains(where: \.introduced) ? "true" : "false")
    writer.field(AuditAnnotation.pointers, String(pointers.joined(separator: ",").prefix(annotationCharactersMax)))
    writer.endObject()
  }
}

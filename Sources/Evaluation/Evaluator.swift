// Request and policy in, decision out: the rules in their order, and nothing else.

internal import JSONDocument

/// Judges requests: a pure function of the request and the policy, the same behind every door.
package struct Evaluator: Sendable {
  package let policy: Policy

  /// Creates an evaluator for a policy.
  package init(policy: Policy) { self.policy = policy }

  /// Judges one request; the first rule that matches decides.
  ///
  /// - Parameter riskSoFar: asked only where the policy escalates.
  /// - Throws: `EvaluationError` when the object cannot be judged. A door must not read that as leave to pass.
  package func evaluate(
    _ request: borrowing AdmissionRequest,
    riskSoFar: RiskSoFar = { _, _, _ in 0 }
  ) throws(EvaluationError) -> Decision {
    let mode = policy.mode(in: request.namespace, at: request.time)
    guard mode != .off, Self.isJudged(request) else { return allowed(.notJudged, mode) }
    let located = try locate(in: request)
    guard !located.isEmpty else { return allowed(.noAttachment, mode) }
    return decide(
      located,
      of: request.subject,
      previous: try previousObject(of: request),
      isMirrorPod: Self.isMirrorPod(request),
      riskSoFar: riskSoFar
    )
  }

  /// Finds what there is to judge in a request that `isJudged`.
  ///
  /// - Throws: `EvaluationError` when the object cannot be judged.
  package func locate(in request: borrowing AdmissionRequest) throws(EvaluationError) -> LocatedAttachments {
    guard let object = request.object else { throw .missingObject }
    guard !policy.neverAttaches(request.kind) else { return [] }
    return try Detection.hostNetwork.locate(object, request.kind, policy.updates == .unchanged)
  }

  /// The rules, for attachments that were located: `evaluate` is `locate` and then this.
  ///
  /// - Parameters:
  ///   - previous: the object before an update; nil for a create, which introduces all it holds.
  ///   - riskSoFar: asked only where the policy escalates.
  package func decide(
    _ located: LocatedAttachments,
    of subject: RequestSubject,
    previous: PreviousObject?,
    isMirrorPod: Bool,
    riskSoFar: RiskSoFar = { _, _, _ in 0 }
  ) -> Decision {
    let configured = policy.mode(in: subject.namespace, at: subject.time)
    guard configured != .off else { return allowed(.notJudged, configured) }
    guard !located.isEmpty else { return allowed(.noAttachment, configured) }
    let counterparts = previous?.counterparts(of: located) ?? located.map { _ in nil }
    // What a requester writes into `object` proves nothing; only the stored object says that it is being deleted.
    if let previous, previous.isBeingDeleted, counterparts.allSatisfy({ $0 != nil }) {
      return allowed(.beingDeleted, configured)
    }
    let isEscalated = configured == .warn && escalates(subject, riskSoFar)
    let mode = isEscalated ? .deny : configured
    let judged = zip(located, counterparts).map { located, counterpart in
      let attachment = located.attachment
      let exemption = isMirrorPod ? nil : policy.exemption(for: subject, attachment)
      let rule: Decision.Rule =
        isMirrorPod
        ? .mirrorPod : exemption != nil ? .exemption : isTolerated(located, counterpart) ? .notIntroduced : .mode
      let isDenied = rule == .mode && mode == .deny && policy.isDeniable(attachment, in: subject.kind)
      return Decision.JudgedAttachment(
        attachment: attachment,
        introduced: counterpart == nil,
        verdict: rule.frees ? .allow : isDenied ? .deny : mode >= .warn ? .warn : .allow,
        rule: isDenied && isEscalated ? .escalation : rule,
        exemption: exemption?.id,
        isRecorded: exemption?.isRecorded ?? true,
        riskScore: rule.frees ? 0 : policy.risk.score(subject, attachment),
        keyIndex: located.keyIndex
      )
    }
    return Decision(judged, of: subject, mode: mode, policy: policy)
  }

  /// Whether the requester has done so much that a warning is no longer enough.
  ///
  /// Controllers only do what somebody else's objects ask for: stopping them would stop everybody.
  private func escalates(_ subject: RequestSubject, _ riskSoFar: RiskSoFar) -> Bool {
    guard let escalation = policy.risk.escalation, !policy.risk.isController(subject.user) else { return false }
    return riskSoFar(subject.user.username, subject.time, escalation.windowSeconds) > escalation.above
  }

  private func allowed(_ rule: Decision.Rule, _ mode: Mode) -> Decision {
    Decision(allowedBy: rule, mode: mode, policy: policy)
  }

  /// Creates and updates, of the object itself or of the two subresources that can change a pod spec.
  package static func isJudged(_ request: borrowing AdmissionRequest) -> Bool {
    switch request.operation {
    case .create, .update: ["", "ephemeralcontainers", "resize"].contains(request.subresource)
    case .delete, .connect: false
    }
  }

  private func isTolerated(_ attachment: LocatedAttachment, _ previous: PreviousObject.Attachment?) -> Bool {
    guard let previous else { return false }
    return switch policy.updates {
    case .introduced: true
    case .unchanged: attachment.podSpec != nil && attachment.podSpec == previous.podSpec
    case .any: false
    }
  }

  private func previousObject(
    of request: borrowing AdmissionRequest
  ) throws(EvaluationError) -> PreviousObject? {
    guard request.operation == .update, let oldObject = request.oldObject else { return nil }
    return PreviousObject(
      try Detection.hostNetwork.locate(oldObject, request.kind, policy.updates == .unchanged),
      isBeingDeleted: oldObject.object("metadata")?.member("deletionTimestamp")?.isString ?? false
    )
  }

  // MARK: - Mirror pods

  /// A mirror pod is only believed of the node that it runs on: the annotation alone can be forged.
  ///
  /// Source: kubelet's mirror pods carry `kubernetes.io/config.mirror`, and the node authorizer's users are
  /// `system:node:<name>` in group `system:nodes` (Kubernetes, Node Authorization).
  package static func isMirrorPod(_ request: borrowing AdmissionRequest) -> Bool {
    guard request.kind.group.isEmpty, request.kind.kind == "Pod", let object = request.object,
      object.object("metadata")?.object("annotations")?.member("kubernetes.io/config.mirror")?.isString ?? false,
      let node = object.object("spec")?.string("nodeName"), !node.isEmpty
    else { return false }
    let user = request.user
    return user.username == "system:node:\(node)" && user.groups.contains("system:nodes")
  }
}

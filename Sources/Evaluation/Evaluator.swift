// Request and policy in, decision out: the rules in their order, and nothing else.

internal import JSONDocument

/// Judges requests: a pure function of the request and the policy, the same behind every door.
package struct Evaluator: Sendable {
  package let policy: Policy

  /// Creates an evaluator for a policy.
  package init(policy: Policy) { self.policy = policy }

  /// Judges one request; the first rule that matches decides.
  ///
  /// - Throws: `EvaluationError` when the object cannot be judged. A door must not read that as leave to pass.
  package func evaluate(_ request: borrowing AdmissionRequest) throws(EvaluationError) -> Decision {
    let mode = policy.mode
    guard mode != .off, Self.isJudged(request) else { return .allowed(.notJudged, mode: mode) }
    guard let object = request.object else { throw .missingObject }

    let located = try Detection.hostNetwork.locate(object, request.kind)
    guard !located.isEmpty else { return .allowed(.noAttachment, mode: mode) }

    let introduced = try introducedFlags(located, in: request)
    let introducesNothing = !introduced.contains(true)
    // What a requester writes into `object` proves nothing; only the stored object says that it is being deleted.
    if introducesNothing, request.operation == .update, isBeingDeleted(request.oldObject) {
      return .allowed(.beingDeleted, mode: mode)
    }
    let isMirrorPod = Self.isMirrorPod(request)
    let judged = zip(located, introduced).map { (located, introduced) in
      Decision.JudgedAttachment(
        attachment: located.attachment,
        introduced: introduced,
        verdict: isMirrorPod ? .allow : verdict(located.attachment.certainty, introduced, mode)
      )
    }
    return Decision(
      verdict: judged.lazy.map(\.verdict).max() ?? .allow,
      rule: isMirrorPod ? .mirrorPod : (introducesNothing ? .unchanged : .mode),
      mode: mode,
      attachments: judged,
      isRecorded: true
    )
  }

  /// Creates and updates, of the object itself or of the two subresources that can change a pod spec.
  private static func isJudged(_ request: borrowing AdmissionRequest) -> Bool {
    switch request.operation {
    case .create, .update: ["", "ephemeralcontainers", "resize"].contains(request.subresource)
    case .delete, .connect: false
    }
  }

  /// Only a certain attachment that is new can be denied.
  private func verdict(_ certainty: HostNetworkAttachment.Certainty, _ introduced: Bool, _ mode: Mode) -> Verdict {
    switch mode {
    case .off, .audit: .allow
    case .warn: .warn
    case .deny: introduced && certainty == .certain ? .deny : .warn
    }
  }

  // MARK: - What is new

  /// For each attachment whether this request introduces it, as far as the policy's tolerance goes.
  private func introducedFlags(
    _ located: LocatedAttachments,
    in request: borrowing AdmissionRequest
  ) throws(EvaluationError) -> [Bool] {
    guard request.operation == .update, policy.updates != .any, let object = request.object,
      let oldObject = request.oldObject
    else { return located.map { _ in true } }
    // A multiset: of two elements with one name, one new among them is still one more than before.
    var old = Dictionary(grouping: try Detection.hostNetwork.locate(oldObject, request.kind), by: \.identity)
    var flags: [Bool] = []
    for attachment in located {
      guard var candidates = old[attachment.identity], !candidates.isEmpty else {
        flags.append(true)
        continue
      }
      let previous = candidates.removeFirst()
      old[attachment.identity] = candidates
      flags.append(!isTolerated(attachment, in: object, asIn: previous, of: oldObject))
    }
    return flags
  }

  private func isTolerated(
    _ attachment: LocatedAttachment,
    in object: borrowing JSONValue,
    asIn previous: LocatedAttachment,
    of oldObject: borrowing JSONValue
  ) -> Bool {
    // A field that may attach is not the same thing as a pod spec that does.
    guard attachment.attachment.certainty == .possible || previous.attachment.certainty == .certain else {
      return false
    }
    guard policy.updates == .unchanged else { return true }
    return object.value(at: attachment.podSpecIndex)
      .hasSameContent(as: oldObject.value(at: previous.podSpecIndex))
  }

  private func isBeingDeleted(_ oldObject: consuming JSONValue?) -> Bool {
    guard let metadata = oldObject?.object("metadata") else { return false }
    return metadata.member("deletionTimestamp")?.isString ?? false
  }

  // MARK: - Mirror pods

  /// A mirror pod is only believed of the node that it runs on: the annotation alone can be forged.
  ///
  /// Source: kubelet's mirror pods carry `kubernetes.io/config.mirror`, and the node authorizer's users are
  /// `system:node:<name>` in group `system:nodes` (Kubernetes, Node Authorization).
  private static func isMirrorPod(_ request: borrowing AdmissionRequest) -> Bool {
    guard request.kind.group.isEmpty, request.kind.kind == "Pod", let object = request.object,
      object.object("metadata")?.object("annotations")?.member("kubernetes.io/config.mirror")?.isString ?? false,
      let node = object.object("spec")?.string("nodeName"), !node.isEmpty
    else { return false }
    let user = request.user
    return user.username == "system:node:\(node)" && user.groups.contains("system:nodes")
  }
}

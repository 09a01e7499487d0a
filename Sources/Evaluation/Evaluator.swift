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

    let previous = try counterparts(of: located, in: request)
    // What a requester writes into `object` proves nothing; only the stored object says that it is being deleted.
    if previous.allSatisfy({ $0 != nil }), isBeingDeleted(request.oldObject) {
      return .allowed(.beingDeleted, mode: mode)
    }
    let isMirrorPod = Self.isMirrorPod(request)
    var judged: [Decision.JudgedAttachment] = []
    var toleratesAll = true
    for (attachment, counterpart) in zip(located, previous) {
      let isTolerated = isTolerated(attachment, asIn: counterpart, request)
      toleratesAll = toleratesAll && isTolerated
      judged.append(
        Decision.JudgedAttachment(
          attachment: attachment.attachment,
          introduced: counterpart == nil,
          verdict: isMirrorPod ? .allow : verdict(attachment.attachment.certainty, isTolerated, mode),
          keyIndex: attachment.keyIndex
        )
      )
    }
    return Decision(
      verdict: judged.lazy.map(\.verdict).max() ?? .allow,
      rule: isMirrorPod ? .mirrorPod : (toleratesAll ? .notIntroduced : .mode),
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

  /// Only a certain attachment that no tolerance covers can be denied.
  private func verdict(_ certainty: HostNetworkAttachment.Certainty, _ isTolerated: Bool, _ mode: Mode) -> Verdict {
    switch mode {
    case .off, .audit: .allow
    case .warn: .warn
    case .deny: certainty == .certain && !isTolerated ? .deny : .warn
    }
  }

  // MARK: - What was there before

  /// For each attachment the one in the old object that it was before, or nil when this request introduces it.
  private func counterparts(
    of located: LocatedAttachments,
    in request: borrowing AdmissionRequest
  ) throws(EvaluationError) -> [LocatedAttachment?] {
    guard request.operation == .update, let oldObject = request.oldObject else { return located.map { _ in nil } }
    // A multiset: of two elements with one name, one new among them is still one more than before.
    var old = Dictionary(grouping: try Detection.hostNetwork.locate(oldObject, request.kind), by: \.identity)
    var counterparts: [LocatedAttachment?] = []
    for attachment in located {
      let certainty = attachment.attachment.certainty
      let candidates = old[attachment.identity] ?? []
      // A field that may attach was never a pod spec that does; the other way round it was even more.
      guard
        let match = candidates.firstIndex(where: { $0.attachment.certainty == certainty })
          ?? (certainty == .possible ? candidates.indices.first : nil)
      else {
        counterparts.append(nil)
        continue
      }
      counterparts.append(old[attachment.identity]?.remove(at: match))
    }
    return counterparts
  }

  private func isTolerated(
    _ attachment: LocatedAttachment,
    asIn previous: LocatedAttachment?,
    _ request: borrowing AdmissionRequest
  ) -> Bool {
    guard let previous, let object = request.object, let oldObject = request.oldObject else { return false }
    return switch policy.updates {
    case .introduced: true
    case .unchanged:
      object.value(at: attachment.podSpecIndex).hasSameContent(as: oldObject.value(at: previous.podSpecIndex))
    case .any: false
    }
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

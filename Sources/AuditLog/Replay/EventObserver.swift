// From an audit event to what is kept of it: the same reading whatever the event was wrapped in.

internal import Evaluation
internal import JSONDocument

/// What a replay looks for.
struct ReplayInterest: Sendable {
  /// Whether Hostfence judges.
  var judges: Bool
  /// Whether the Splunk search is run.
  var searches: Bool
}

/// What an event means for a replay.
struct Observation {
  /// When the request came in; nil when the event does not say.
  var time: Timestamp?
  /// Whether it is of a request that writes, and whether it is the last one of that.
  var isOfWrite = false
  var isFinal = false
  /// Whether it is a write whose body is there to be judged.
  var isJudgeable = false
  /// What it does to what is remembered of its object, when there is nothing else to keep.
  var change: ObjectChange?
  var event: ObservedEvent?
}

/// Reads audit events; one per thread, as it owns a parser.
final class EventObserver {
  private let interest: ReplayInterest
  private var evaluator: Evaluator
  private let partParser = JSONParser(bytesMax: AuditLogLimits.recordBytesMax)

  init(_ settings: ReplaySettings) {
    interest = settings.interest
    evaluator = Evaluator(policy: settings.policy)
  }

  /// Judges by another policy from now on.
  func adopt(_ policy: Policy) { evaluator = Evaluator(policy: policy) }

  /// Reads one event.
  func observe(_ value: borrowing JSONValue, line: Int) -> Observation {
    let event = AuditEvent(value.value(at: value.index))
    let hit = interest.searches ? AnalyticSearch.hit(in: value) : nil
    let facts = EventFacts(event)
    var judged = judge(event, facts)
    var observation = Observation(
      time: facts.time,
      isOfWrite: Self.operation(facts) != nil || facts.verb == "delete",
      isFinal: event.isFinal,
      isJudgeable: judged.isJudgeable
    )
    guard judged.write != nil || judged.gap != nil || hit != nil else {
      guard let object = judged.object, let change = judged.change else { return observation }
      observation.change = ObjectChange(object: object, kind: change)
      return observation
    }
    if interest.searches, hit == nil, judged.write != nil {
      judged.explanation = AnalyticSearch.explain(value)?.description
    }
    observation.event = ObservedEvent(
      line: line,
      facts: facts,
      delivery: facts.auditID.isEmpty ? nil : Self.delivery(event, facts),
      object: judged.object,
      write: judged.write,
      gap: judged.gap,
      isCustomGap: judged.isCustom,
      hit: hit,
      explanation: judged.explanation
    )
    return observation
  }

  /// What is the same in every delivery of an event, and never in two events.
  ///
  /// The API server takes the audit id from a header of the request, so that alone proves nothing; a copy whose bodies
  /// were dropped must not stand for one that has them.
  private static func delivery(_ event: borrowing AuditEvent, _ facts: EventFacts) -> ObjectKey {
    ObjectKey([
      facts.auditID, event.stage, facts.time.description, event.requestURI, facts.verb, facts.user.username,
      "\(facts.responseCode)", "\(event.hasBody)",
    ])
  }

  private struct Judged {
    var object: ObjectKey?
    var change: ObjectChange.Kind?
    var write: ObservedEvent.Write?
    var gap: CoverageGap?
    var isCustom = false
    var isJudgeable = false
    var explanation: String?
  }

  // MARK: - Judging

  private func judge(_ event: borrowing AuditEvent, _ facts: EventFacts) -> Judged {
    var judged = Judged()
    guard event.isFinal else {
      judged.explanation = "the event is of stage \(event.stage), and a request is judged once, at its end"
      return judged
    }
    let audited = AuditedResource(group: facts.group, resource: facts.resource)
    judged.isCustom = audited == .custom
    judged.object = interest.judges ? Self.remembered(facts, audited) : nil
    guard let operation = Self.operation(facts) else {
      judged.explanation = "\(facts.verb) writes nothing"
      if facts.verb == "delete", facts.isAccepted, !event.isDryRun { judged.change = .deleted }
      return judged
    }
    guard event.hasBody else {
      addGap(of: event, facts, audited, to: &judged)
      return judged
    }
    judged.isJudgeable = audited != .other && facts.isOfJudgedSubresource
    guard interest.judges else { return judged }
    do throws(EvaluationError) {
      try read(event, facts, operation, audited, &judged)
    } catch {
      judged.explanation = "the object cannot be judged: \(error)"
      Self.addGap(.unjudgeable, event, facts, to: &judged)
      judged.isCustom = false
    }
    return judged
  }

  private func read(
    _ event: borrowing AuditEvent,
    _ facts: EventFacts,
    _ operation: Evaluation.Operation,
    _ audited: AuditedResource,
    _ judged: inout Judged
  ) throws(EvaluationError) {
    let isStored = facts.isAccepted && event.responseObject != nil
    guard let body = isStored ? event.responseObject : event.requestObject else { return }
    let evidence: ReplayFinding.Evidence =
      isStored ? .responseObject : (facts.verb == "patch" ? .patch : .requestObject)
    var request = AdmissionRequest(
      operation,
      audited: body.value(at: body.index),
      kind: Self.kind(of: body, facts, audited),
      identity: RequestIdentity(
        uid: facts.auditID,
        user: facts.user,
        namespace: facts.namespace,
        name: facts.name.isEmpty ? nil : facts.name
      ),
      at: facts.time
    )
    request.subresource = facts.subresource
    guard Evaluator.isJudged(request) else {
      judged.explanation = "a write of the subresource \(facts.subresource) changes no pod spec"
      return
    }
    let located =
      evidence == .patch
      ? try PatchBody(body.value(at: body.index)).locate(request, evaluator, partParser)
      : try evaluator.locate(in: request)
    let isDryRun = event.isDryRun
    guard !located.isEmpty else {
      judged.explanation = "no pod spec of the \(Self.words(evidence)) has hostNetwork: true"
      guard facts.isAccepted, !isDryRun else { return }
      if evidence == .patch {
        noteChange(by: PatchBody(body.value(at: body.index)), of: request.kind, event, facts, to: &judged)
      } else {
        judged.change = .written
      }
      return
    }
    let metadata = body.object("metadata")
    judged.write = ObservedEvent.Write(
      operation: operation,
      kind: request.kind,
      objectName: request.name,
      objectUID: request.objectUID,
      generateName: metadata?.string("generateName") ?? "",
      impersonator: event.impersonator,
      sourceIPs: event.sourceIPs,
      userAgent: event.userAgent,
      owner: request.controller,
      outcome: isDryRun ? .dryRun : (facts.isAccepted ? .written : .rejected(code: facts.responseCode)),
      evidence: evidence,
      located: located,
      isMirrorPod: Evaluator.isMirrorPod(request),
      proof: operation == .update
        ? Self.proof(event, facts, audited, generation: isStored ? metadata?.member("generation")?.integer : nil)
        : .nothing,
      isBeingDeleted: isStored && metadata?.member("deletionTimestamp")?.isString ?? false
    )
  }

  /// Notes what is known after a patch that attaches nothing by itself.
  private func noteChange(
    by patch: borrowing PatchBody,
    of kind: GroupVersionKind,
    _ event: borrowing AuditEvent,
    _ facts: EventFacts,
    to judged: inout Judged
  ) {
    if patch.mayMoveHostNetwork(of: kind) {
      judged.explanation = "the patch moves a part of the object whose content the event does not show"
      judged.isJudgeable = false
      Self.addGap(.unjudgeable, event, facts, to: &judged)
    } else if patch.mayDropHostNetwork(of: kind) {
      judged.change = .unknown
    }
  }

  /// Why an update cannot have introduced the attachments of the object that came of it.
  ///
  /// Kubernetes never lets hostNetwork of a pod change (API reference, Pod: fields that may be updated), and
  /// `metadata.generation` is 1 until a spec first changes.
  private static func proof(
    _ event: borrowing AuditEvent,
    _ facts: EventFacts,
    _ audited: AuditedResource,
    generation: Int?
  ) -> ObservedEvent.Proof {
    guard facts.isAccepted else { return .nothing }
    if generation == 1 { return .sameSpec }
    if audited == .pods { return .sameAttachments }
    guard facts.verb == "patch", let patch = event.requestObject else { return .nothing }
    return PatchBody(patch).namesHostNetwork ? .nothing : .sameAttachments
  }

  /// Notes that a write of pods or workloads came without its body.
  private func addGap(
    of event: borrowing AuditEvent,
    _ facts: EventFacts,
    _ audited: AuditedResource,
    to judged: inout Judged
  ) {
    judged.explanation = "the event has no body"
    guard audited != .other, facts.isOfJudgedSubresource else { return }
    let reason: CoverageGap.Reason =
      if event.annotation("audit.k8s.io/truncated") == "true" {
        .truncated
      } else if event.isOversized { .oversized } else { .metadataLevel }
    Self.addGap(reason, event, facts, to: &judged)
    judged.change = .unknown
  }

  /// Notes that an object was stored that could not be judged.
  private static func addGap(
    _ reason: CoverageGap.Reason,
    _ event: borrowing AuditEvent,
    _ facts: EventFacts,
    to judged: inout Judged
  ) {
    guard facts.isAccepted, !event.isDryRun else { return }
    judged.gap = CoverageGap(group: facts.group, resource: facts.policyResource, reason: reason)
  }

  // MARK: - Pieces of an event

  private static func operation(_ facts: EventFacts) -> Evaluation.Operation? {
    switch facts.verb {
    case "create": .create
    case "update": .update
    // A patch may also create: server-side apply does.
    case "patch": facts.responseCode == 201 ? .create : .update
    default: nil
    }
  }

  private static func kind(
    of body: borrowing JSONValue,
    _ facts: EventFacts,
    _ audited: AuditedResource
  ) -> GroupVersionKind {
    let version = body.string("apiVersion")
    // A built-in resource has its kind for good; what a body says may be another kind (Scale), or nothing (a patch).
    if let kind = audited.kind {
      return GroupVersionKind(
        group: facts.group,
        version: GroupVersionKind(apiVersion: version ?? "", kind: "").version,
        kind: kind
      )
    }
    // The API server holds a body to the group of its resource; a patch may claim what it likes.
    let stated = GroupVersionKind(apiVersion: version ?? "", kind: body.string("kind") ?? facts.resource)
    return GroupVersionKind(group: facts.group, version: stated.version, kind: stated.kind)
  }

  private static func remembered(_ facts: EventFacts, _ audited: AuditedResource) -> ObjectKey? {
    guard !facts.name.isEmpty, audited != .pods, audited != .other else { return nil }
    return ObjectKey(audited, facts)
  }

  private static func words(_ evidence: ReplayFinding.Evidence) -> String {
    switch evidence {
    case .responseObject: "object that was stored"
    case .requestObject: "object that was sent"
    case .patch: "patch"
    }
  }
}

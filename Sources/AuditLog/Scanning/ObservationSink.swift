// Collects what is found in a segment, whichever way it was read.

internal import Evaluation
internal import JSONDocument

/// Turns audit events into items of a segment's result.
struct ObservationSink: EventSink {
  var line = 1
  var result = SegmentResult()
  private let observer: EventObserver

  init(_ observer: EventObserver) { self.observer = observer }

  /// Judges by another policy from now on.
  func adopt(_ policy: Policy) { observer.adopt(policy) }

  mutating func receive(event: borrowing JSONValue) {
    result.coverage.events += 1
    let observation = observer.observe(event, line: line)
    result.extend(to: observation.time)
    if observation.isOfWrite { result.coverage.countWrite(isEnd: observation.isFinal) }
    if observation.isJudgeable { result.coverage.judgedWrites += 1 }
    if let change = observation.change { result.items.append(.change(change)) }
    if let event = observation.event { result.items.append(.event(event)) }
  }

  mutating func receive(cutEvent head: UnsafeRawBufferPointer) {
    result.coverage.events += 1
    switch unsafe PlainEvent.read(head: head) {
    case .idle, .unfinished: return
    case .unfamiliar: result.items.append(.unreadable(line: line, .cutOff))
    case .write(let event): result.addGap(of: event, reason: .cutByLogService)
    }
  }

  mutating func receiveOther() { result.otherRecords += 1 }

  mutating func receive(unreadable reason: UnreadableReason) {
    result.items.append(.unreadable(line: line, reason))
  }
}

extension SegmentResult {
  /// Counts a write of a pod or workload that cannot be judged; other writes are no gap.
  mutating func addGap(of event: PlainEvent, reason: CoverageGap.Reason) {
    guard event.verb != .delete, event.isAccepted, let resource = event.judgedResource else { return }
    let subresource = unsafe String(decoding: event.subresource, as: UTF8.self)
    let name = unsafe String(decoding: event.resource, as: UTF8.self)
    let gap = CoverageGap(
      group: unsafe String(decoding: event.group, as: UTF8.self),
      resource: subresource.isEmpty ? name : "\(name)/\(subresource)",
      reason: reason
    )
    coverage.count(gap, isCustom: resource == .custom)
    if let object = event.remembered(as: resource) {
      items.append(.change(ObjectChange(object: object, kind: .unknown)))
    }
  }
}

extension PlainEvent {
  /// What kind of resource is written, when it is one that the evaluator judges; nil for all other writes.
  var judgedResource: AuditedResource? {
    guard
      unsafe subresource.isEmpty
        || AuditedResource.judgedSubresources.contains(where: { unsafe Self.equals(subresource, $0) })
    else { return nil }
    let audited = unsafe AuditedResource(group: group, resource: resource)
    return audited == .other ? nil : audited
  }

  /// The key under which the state of the object is remembered: none for pods, and none without a name.
  func remembered(as audited: AuditedResource) -> ObjectKey? {
    guard audited != .pods, unsafe !name.isEmpty else { return nil }
    return unsafe ObjectKey(audited, group: group, resource: resource, namespace: namespace, name: name)
  }
}

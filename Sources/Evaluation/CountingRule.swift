// Which events are charged: the same attachment of the same object counts once per window.

/// When an event counts.
///
/// An event counts when its request introduced the attachment, its score is above 0, and no counted event of the same
/// risk object, Kubernetes object and place lies less than the event's window (`deduplicationSeconds`) away in the events'
/// own time, before *or after* it. Looking both ways makes the rule hold for logs replayed out of order: however events arrive, two counted events of
/// the same attachment are at least a window apart, and an eligible event that does not count has a counted one near.
/// In order of time it is the plain rule, "none within the previous window".
package enum CountingRule {
  /// Whether an event counts if nothing near it does.
  package static func isEligible(_ event: RiskEvent) -> Bool { event.introduced && event.riskScore > 0 }

  /// Names the Kubernetes object of an event: by its uid, or by group, kind, namespace and name where it has none.
  package static func objectKey(_ event: RiskEvent) -> String {
    guard event.objectUID.isEmpty else { return "uid:\(event.objectUID)" }
    let kind = event.groupVersionKind
    // No part of a Kubernetes name has a line feed, so two objects cannot share a key.
    return "name:" + [kind.group, kind.kind, event.namespace, event.name].joined(separator: "\n")
  }
}

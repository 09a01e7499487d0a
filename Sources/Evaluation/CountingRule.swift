// Which events are charged: the same attachment of the same object counts once per window.

/// When an event counts.
///
/// An event counts when its request introduced the attachment, its score is above 0, it is not derived from a root event
/// (which is charged instead), and no counted event of the same risk object, Kubernetes object and place lies less than
/// the event's window (`deduplicationSeconds`) away in the events' own time, before *or after* it. Looking both ways makes
/// the rule hold for logs replayed out of order: however events arrive, two counted events of the same attachment are at
/// least a window apart, and an eligible event that does not count has a counted one near. In order of time it is the
/// plain rule, "none within the previous window".
package enum CountingRule {
  /// Whether an event counts if nothing near it does.
  package static func isEligible(_ event: RiskEvent) -> Bool {
    event.introduced && event.riskScore > 0 && event.rootEvent == nil
  }

  /// Names the Kubernetes object of an event: by its uid, or by group, kind, namespace and name where it has none.
  package static func objectKey(_ event: RiskEvent) -> String {
    guard event.objectUID.isEmpty else { return uidKey(event.objectUID) }
    let kind = event.groupVersionKind
    return nameKey(kind.group, kind.kind, event.namespace, event.name)
  }

  /// The keys that the owner of an event's object may have; an owner is of the object's namespace or of none.
  package static func ownerKeys(_ event: RiskEvent) -> (uid: String, name: String)? {
    guard let owner = event.owner else { return nil }
    return (uidKey(owner.uid), nameKey(owner.group, owner.kind, event.namespace, owner.name))
  }

  private static func uidKey(_ uid: String) -> String { "uid:\(uid)" }

  private static func nameKey(_ group: String, _ kind: String, _ namespace: String, _ name: String) -> String {
    // No part of a Kubernetes name has a line feed, so two objects cannot share a key.
    "name:" + [group, kind, namespace, name].joined(separator: "\n")
  }
}

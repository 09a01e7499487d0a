// What earlier events say of an object, so that an update can be told from a first attachment.

internal import Evaluation

/// The last known state of objects, workloads and custom resources only.
///
/// Pods are not remembered: Kubernetes never lets their hostNetwork change.
struct ObjectHistory {
  private enum State {
    case attached(PreviousObject)
    case plain(isBeingDeleted: Bool)
  }

  private var states = RecentEntries<ObjectKey, State>(entriesMax: AuditLogLimits.rememberedObjectsMax)

  /// The state of an object before the next write of it; nil when it is not known.
  mutating func previous(_ object: ObjectKey) -> PreviousObject? {
    switch states[object] {
    case .attached(let previous): previous
    case .plain(let isBeingDeleted): PreviousObject([], isBeingDeleted: isBeingDeleted)
    case nil: nil
    }
  }

  /// Remembers what a write left.
  mutating func remember(_ object: ObjectKey, _ located: LocatedAttachments, isBeingDeleted: Bool) {
    states[object] = .attached(PreviousObject(located, isBeingDeleted: isBeingDeleted))
  }

  /// Applies a write without attachments.
  mutating func apply(_ change: ObjectChange) {
    switch change.kind {
    case .written: states[change.object] = .plain(isBeingDeleted: false)
    case .unknown: states[change.object] = nil
    case .deleted:
      // Finalizers may keep it alive for further updates; a create starts afresh.
      switch states[change.object] {
      case .attached(var previous):
        previous.isBeingDeleted = true
        states[change.object] = .attached(previous)
      case .plain: states[change.object] = .plain(isBeingDeleted: true)
      case nil: break
      }
    }
  }
}

// Who or what may use the node's network, why, on whose word, and until when.

/// An exception to the policy, with its reason.
package struct Exemption: Sendable, Equatable {
  /// Names it in decisions, risk events and reports; one policy has each id once.
  package var id: String
  package var reason: String
  package var owner: String
  /// The first moment at which it no longer holds; nil for one without an end.
  package var expires: Timestamp?
  /// Whether what it frees is recorded, as a suppressed risk event with the score 0.
  package var isRecorded: Bool
  package var conditions: RequestConditions

  /// Creates an exemption.
  package init(
    id: String,
    reason: String,
    owner: String,
    expires: Timestamp? = nil,
    isRecorded: Bool = true,
    conditions: RequestConditions
  ) {
    self.id = id
    self.reason = reason
    self.owner = owner
    self.expires = expires
    self.isRecorded = isRecorded
    self.conditions = conditions
  }

  /// Whether it holds at a moment: the wall clock's at admission, the event's in a replay.
  package func isInForce(at time: Timestamp) -> Bool { expires.map { time < $0 } ?? true }
}

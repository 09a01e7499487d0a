// What an operator decided: the mode, and how far an attachment that was already there is tolerated.

/// How far an UPDATE may keep an attachment that the old object already had.
package enum UpdateTolerance: String, Sendable, CaseIterable {
  /// Tolerated as long as the attachment stood in the old object.
  case introduced
  /// Tolerated only while the attached pod spec itself is unchanged: labels and replicas pass, a new image does not.
  case unchanged
  /// Never tolerated: an attachment is judged on every update.
  case any
}

/// The settings that turn attachments into a verdict.
package struct Policy: Sendable, Equatable {
  package var mode: Mode
  package var updates: UpdateTolerance

  /// Creates a policy; without one, Hostfence warns and tolerates what was already there.
  package init(mode: Mode = .warn, updates: UpdateTolerance = .introduced) {
    self.mode = mode
    self.updates = updates
  }
}

// What is kept long enough is deleted in steps that writers do not notice.

package import Evaluation

/// Where a pass over the expired events of a ledger goes on: behind the last one that it looked at.
package struct PruningCursor: Sendable, Equatable {
  package let time: Timestamp
  /// As the ledger has it.
  package let id: String

  /// Creates a cursor.
  package init(time: Timestamp, id: String) {
    self.time = time
    self.id = id
  }
}

/// What one step of a pass did.
package struct PruningStep: Sendable, Equatable {
  /// Events that were deleted.
  package let deletedCount: Int
  /// Where the next step begins; nil when no expired event is left.
  package let next: PruningCursor?

  /// Creates a step.
  package init(deletedCount: Int, next: PruningCursor?) {
    self.deletedCount = deletedCount
    self.next = next
  }
}

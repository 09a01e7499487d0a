// How long a ledger keeps events.

internal import Evaluation

/// How long events are kept.
///
/// An event that put an attachment into something that may own pods is kept `parentFactor` times as long, and as long as
/// an event derived from it is kept: without it nobody knows any more who is to be charged for the next pod.
package struct LedgerRetention: Sendable, Equatable {
  /// Seconds that any event is kept, by its own time.
  package var keepSeconds: Int64

  private static let parentFactor: Int64 = 4

  /// Creates a retention.
  package init(keepSeconds: Int64) { self.keepSeconds = keepSeconds }

  /// The first moment that is kept.
  func start(at now: Timestamp) -> Timestamp { now.adding(seconds: -keepSeconds) }

  /// The first moment of which events of possible owners are kept.
  func parentStart(at now: Timestamp) -> Timestamp { now.adding(seconds: -keepSeconds * Self.parentFactor) }
}

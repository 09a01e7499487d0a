// Whether events are being kept, for readiness.

internal import Threads

/// What was the matter when the ledger was last used.
final class LedgerHealth: Sendable {
  private let state = Monitor<LedgerError?>(nil)

  /// Nil while events are being kept.
  var error: LedgerError? { state.withLock { $0 } }

  func set(_ error: LedgerError?) { state.withLock { $0 = error } }
}

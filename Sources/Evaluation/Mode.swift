// What is done about an attachment that nothing excuses.

/// What a policy does about an attachment; each mode includes the ones before it.
package enum Mode: String, Sendable, CaseIterable, Comparable {
  /// Nothing, not even a record.
  case off
  /// Record a risk event and say nothing to the requester.
  case audit
  /// Record, and warn the requester.
  case warn
  /// Record, and refuse the request.
  case deny

  package static func < (left: Mode, right: Mode) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .off: 0
    case .audit: 1
    case .warn: 2
    case .deny: 3
    }
  }
}

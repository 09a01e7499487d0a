// The three answers.

/// What becomes of a request.
package enum Verdict: String, Sendable, CaseIterable, Comparable {
  /// Let through in silence (it may still be recorded).
  case allow
  /// Let through, and the requester is told.
  case warn
  /// Refused.
  case deny

  package static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .allow: 0
    case .warn: 1
    case .deny: 2
    }
  }
}

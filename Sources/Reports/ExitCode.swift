// The only place that turns a result into a number.

internal import Evaluation
package import Manifests

/// From which verdict on a check fails.
package enum FailOn: String, Sendable, CaseIterable {
  /// When something would be denied.
  case deny
  /// When something would be warned about.
  case warn
  /// Not for any verdict.
  case never
}

/// Exit codes that scripts can trust.
package enum ExitCode: Int32, Sendable {
  /// Everything was judged, and nothing reached the verdict that fails the run.
  case clean = 0
  /// Something was denied (or warned about, with `--fail-on warn`).
  case found = 1
  /// Some input could not be judged, or the command line is wrong, whatever else was found.
  case unjudged = 2

  /// The exit code of a check.
  package init(_ result: CheckResult, failOn: FailOn) {
    if !result.unreadable.isEmpty {
      self = .unjudged
      return
    }
    let hasFailed =
      switch failOn {
      case .deny: result.count(.deny) > 0
      case .warn: result.count(.deny) + result.count(.warn) > 0
      case .never: false
      }
    self = hasFailed ? .found : .clean
  }
}

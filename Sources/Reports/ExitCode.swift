// The only place that turns a result into a number.

package import AuditLog
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

/// What it is when a log holds writes of pods and workloads without a body, or places that cannot be read.
package enum UnjudgedIs: String, Sendable, CaseIterable {
  /// A failure: nobody can say that the log is clean.
  case error
  /// Told of, and no more.
  case warn
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
    self.init(denied: result.count(.deny), warned: result.count(.warn), failOn)
  }

  /// The exit code of a replay.
  ///
  /// Only objects that were stored count as found. A last record that is cut off is no failure: a log that is being
  /// written always has one.
  package init(_ summary: ReplaySummary, failOn: FailOn, unjudged: UnjudgedIs) {
    let isUnjudged =
      summary.coverage.unjudgedWrites > 0 || summary.unreadableCount > 0 || summary.coverage.lacksEnds
      || summary.isNoAuditLog
    if unjudged == .error, isUnjudged {
      self = .unjudged
      return
    }
    self.init(denied: summary.written.denied, warned: summary.written.warned, failOn)
  }

  private init(denied: Int, warned: Int, _ failOn: FailOn) {
    let hasFailed =
      switch failOn {
      case .deny: denied > 0
      case .warn: denied + warned > 0
      case .never: false
      }
    self = hasFailed ? .found : .clean
  }
}

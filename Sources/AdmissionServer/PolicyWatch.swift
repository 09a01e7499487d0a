// Takes a changed policy while the server runs, and says when it cannot.

package import Evaluation
internal import Logging

/// What a look at the policy's files came to.
package enum PolicyLook: Sendable {
  case unchanged
  /// The files changed and make a policy, with what a person should know about it.
  case changed(Policy, notes: [String])
  /// The files changed and make none; each line says why.
  case unusable([String])
}

/// Looks at the policy's files once in a while.
final class PolicyWatch: Sendable {
  private let policy: PolicyInForce
  /// Nil for a policy that never changes.
  private let source: (@Sendable () -> PolicyLook)?
  private let reloads: MetricCounter
  private let logger: Logger

  init(
    _ policy: PolicyInForce,
    source: (@Sendable () -> PolicyLook)?,
    metrics: Metrics,
    now: @escaping @Sendable () -> Timestamp,
    logger: Logger
  ) {
    self.policy = policy
    self.source = source
    self.logger = logger
    reloads = metrics.counter(
      "hostfence_policy_reloads_total",
      help: "Changes of the policy's files that were taken (success), or could not be used (failure).",
      label: "outcome",
      values: ReloadOutcome.allCases.map(\.rawValue)
    )
    metrics.gauge("hostfence_policy_generation", help: "Policies put in force since the start; the first is 1.") {
      policy.generation
    }
    metrics.samples("hostfence_policy_info", type: "gauge", help: "The policy in force.") { name in
      let current = policy.current
      let revision = MetricText.labelValue(current.revision)
      return "\(name){mode=\"\(current.enforcement.mode.rawValue)\",revision=\"\(revision)\"} 1\n"
    }
    metrics.samples("hostfence_policy_exemptions", type: "gauge", help: "Exemptions of the policy in force.") { name in
      let (exemptions, time) = (policy.current.exemptions, now())
      let valid = exemptions.count { $0.isInForce(at: time) }
      return "\(name){state=\"valid\"} \(valid)\n\(name){state=\"expired\"} \(exemptions.count - valid)\n"
    }
  }

  /// Looks until cancelled.
  func run() async {
    guard source != nil else { return }
    while (try? await Task.sleep(for: .milliseconds(ServerLimits.policyCheckMilliseconds))) != nil { look() }
  }

  /// Looks once.
  func look() {
    switch source?() ?? .unchanged {
    case .unchanged: return
    case .changed(let changed, let notes):
      policy.replace(with: changed)
      reloads.add(for: ReloadOutcome.success.rawValue)
      logger.notice("policy reloaded", metadata: ["revision": "\(changed.revision)"])
      for note in Self.shortened(notes) { logger.warning("policy: \(note)") }
    case .unusable(let reasons):
      let told = Self.shortened(reasons)
      policy.refuse(told)
      reloads.add(for: ReloadOutcome.failure.rawValue)
      for reason in told { logger.error("the new policy is not used, the one before stays: \(reason)") }
    }
  }

  /// What will be a problem if nobody does anything: a pod that starts anew finds no policy.
  var warnings: [String] { policy.failure.map { "the policy's files changed and cannot be used: \($0)" } }

  private static func shortened(_ lines: [String]) -> [String] {
    let told = ServerLimits.policyProblemsTold
    guard lines.count > told else { return lines }
    return lines.prefix(told) + ["and \(lines.count - told) more: run hostfence policy check"]
  }
}

// The policy that reviews are judged by, and how a changed one takes its place.

package import Evaluation
internal import Logging
internal import Synchronization
internal import Threads

/// What a look at the policy's files came to.
package enum PolicyLook: Sendable {
  case unchanged
  /// The files changed and make a policy, with what a person should know about it.
  case changed(Policy, notes: [String])
  /// The files changed and make none; each line says why.
  case unusable([String])
}

/// Holds the policy in force; a changed one is taken as a whole, between two reviews.
package final class PolicyInForce: Sendable {
  private struct State {
    var policy: Policy
    var failure: [String] = []
  }

  private enum Outcome: String, CaseIterable {
    case success, failure
  }

  private let state: Monitor<State>
  private let generations = Atomic<Int>(1)
  /// Asked once in a while, by one thread at a time; nil for a policy that never changes.
  private let look: (@Sendable () -> PolicyLook)?

  /// Begins with a policy; `look` says what its files are now.
  package init(_ policy: Policy, look: (@Sendable () -> PolicyLook)? = nil) {
    state = Monitor(State(policy: policy))
    self.look = look
  }

  /// The policy now.
  package var current: Policy { state.withLock { $0.policy } }

  /// How many policies there were, this one included; read it before `current`, to know when to read again.
  package var generation: Int { generations.load(ordering: .acquiring) }

  /// Why the files as they are now are not in use; empty when they are.
  package var failure: [String] { state.withLock { $0.failure } }

  /// Registers what `/metrics` tells about the policy; the first call only.
  func register(_ metrics: Metrics, now: @escaping @Sendable () -> Timestamp) -> MetricCounter {
    metrics.gauge("hostfence_policy_generation", help: "Policies put in force since the start; the first is 1.") {
      self.generation
    }
    metrics.samples("hostfence_policy_info", type: "gauge", help: "The policy in force.") { name in
      let policy = self.current
      let revision = MetricText.labelValue(policy.revision)
      return "\(name){mode=\"\(policy.enforcement.mode.rawValue)\",revision=\"\(revision)\"} 1\n"
    }
    metrics.samples("hostfence_policy_exemptions", type: "gauge", help: "Exemptions of the policy in force.") { name in
      let (policy, time) = (self.current, now())
      let valid = policy.exemptions.count { $0.isInForce(at: time) }
      return "\(name){state=\"valid\"} \(valid)\n\(name){state=\"expired\"} \(policy.exemptions.count - valid)\n"
    }
    return metrics.counter(
      "hostfence_policy_reloads_total",
      help: "Changes of the policy's files that were taken (success), or could not be used (failure).",
      label: "outcome",
      values: Outcome.allCases.map(\.rawValue)
    )
  }

  /// Looks at the files until cancelled.
  func watch(_ reloads: MetricCounter, _ logger: Logger) async {
    guard look != nil else { return }
    while (try? await Task.sleep(for: .milliseconds(ServerLimits.policyCheckMilliseconds))) != nil {
      update(reloads, logger)
    }
  }

  /// Looks at the files once.
  func update(_ reloads: MetricCounter, _ logger: Logger) {
    switch look?() ?? .unchanged {
    case .unchanged: return
    case .changed(let policy, let notes):
      state.withLock { $0 = State(policy: policy) }
      generations.wrappingAdd(1, ordering: .releasing)
      reloads.add(for: Outcome.success.rawValue)
      logger.notice("policy reloaded", metadata: ["revision": "\(policy.revision)"])
      for note in notes { logger.warning("policy: \(note)") }
    case .unusable(let reasons):
      state.withLock { $0.failure = reasons }
      reloads.add(for: Outcome.failure.rawValue)
      for reason in reasons { logger.error("the new policy is not used, the one before stays: \(reason)") }
    }
  }
}

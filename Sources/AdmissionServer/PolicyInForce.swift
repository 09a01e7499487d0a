// The policy that requests are judged by.

package import Evaluation
internal import Synchronization
internal import Threads

/// Holds the policy in force; a changed one is taken as a whole, between two requests.
package final class PolicyInForce: Sendable {
  private struct State {
    var policy: Policy
    var failure: [String] = []
  }

  private let state: Monitor<State>
  private let generations = Atomic<Int>(1)

  /// Begins with a policy.
  package init(_ policy: Policy) { state = Monitor(State(policy: policy)) }

  /// The policy now.
  package var current: Policy { state.withLock { $0.policy } }

  /// How many policies there were, the one in force included.
  package var generation: Int { generations.load(ordering: .acquiring) }

  /// Why the files as they are now are not in use, a line each; empty when they are.
  package var failure: [String] { state.withLock { $0.failure } }

  /// Puts another policy in force.
  package func replace(with policy: Policy) {
    state.withLock { $0 = State(policy: policy) }
    generations.wrappingAdd(1, ordering: .releasing)
  }

  /// Notes that the files make no policy; the one in force stays.
  package func refuse(_ reasons: [String]) { state.withLock { $0.failure = reasons } }
}

/// Tells one thread when the policy in force is another than it knows.
package struct PolicyFollower {
  private let policy: PolicyInForce
  private var generation: Int
  /// The policy that was in force when this began.
  package let first: Policy

  /// Begins with the policy that is in force.
  package init(_ policy: PolicyInForce) {
    self.policy = policy
    // In this order: a change between the two is seen again, rather than not at all.
    generation = policy.generation
    first = policy.current
  }

  /// The policy in force, when it has changed since the last call.
  package mutating func change() -> Policy? {
    let present = policy.generation
    guard present != generation else { return nil }
    generation = present
    return policy.current
  }
}

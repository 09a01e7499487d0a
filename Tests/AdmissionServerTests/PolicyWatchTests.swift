// A policy that changes while the server runs, without files and without waiting.

import Evaluation
import Logging
import Testing
import Threads

@testable import AdmissionServer

@Suite struct PolicyWatchTests {
  /// A watch whose looks are made beforehand.
  private struct Watched {
    let policy = PolicyInForce(Policy(mode: .warn))
    let metrics = Metrics()
    let lines = Monitor<[String]>([])
    let watch: PolicyWatch

    init(_ looks: [PolicyLook]) {
      let rest = Monitor(looks)
      let lines = lines
      watch = PolicyWatch(
        policy,
        source: { rest.withLock { $0.isEmpty ? .unchanged : $0.removeFirst() } },
        metrics: metrics,
        now: { Timestamp(microseconds: 0) },
        logger: Logger(label: "test") { _ in TestLog { message, _ in lines.withLock { $0.append(message) } } }
      )
    }
  }

  @Test func `a changed policy is in force for the next request, and every follower hears of it once`() {
    let watched = Watched([.unchanged, .changed(Policy(mode: .deny), notes: ["a note"])])
    var followers = [PolicyFollower(watched.policy), PolicyFollower(watched.policy)]
    watched.watch.look()
    #expect(followers[0].change() == nil)
    watched.watch.look()
    for place in followers.indices {
      #expect(followers[place].change()?.enforcement.mode == .deny)
      #expect(followers[place].change() == nil)
    }
    #expect(watched.metrics.text.contains("hostfence_policy_generation 2\n"))
    #expect(watched.metrics.text.contains(#"hostfence_policy_info{mode="deny",revision=""} 1"#))
    #expect(watched.lines.withLock { $0 } == ["policy reloaded", "policy: a note"])
  }

  @Test func `a bad policy leaves the one before, is counted and told of, and forgotten with the next good one`() {
    let watched = Watched([.unusable(["one", "two"]), .unchanged, .changed(Policy(mode: .audit), notes: [])])
    var follower = PolicyFollower(watched.policy)
    watched.watch.look()
    #expect(follower.change() == nil)
    #expect(watched.policy.current.enforcement.mode == .warn)
    #expect(
      watched.watch.warnings == ["one", "two"].map { "the policy's files changed and cannot be used: \($0)" }
    )
    #expect(watched.metrics.text.contains(#"hostfence_policy_reloads_total{outcome="failure"} 1"#))
    #expect(watched.lines.withLock { $0.count } == 2)
    // Nothing changed since: nothing is said again.
    watched.watch.look()
    #expect(watched.watch.warnings.count == 2)
    #expect(watched.lines.withLock { $0.count } == 2)
    watched.watch.look()
    #expect(watched.watch.warnings == [])
    #expect(watched.lines.withLock { $0.count } == 3)
    #expect(watched.metrics.text.contains(#"hostfence_policy_reloads_total{outcome="success"} 1"#))
  }

  @Test func `of thousands of problems the first are told, and how many more there are`() {
    let watched = Watched([.unusable((0..<5_000).map { "problem \($0)" })])
    watched.watch.look()
    #expect(watched.watch.warnings.count == 21)
    #expect(watched.watch.warnings.last?.hasSuffix("and 4980 more: run hostfence policy check") ?? false)
    #expect(watched.lines.withLock { $0.count } == 21)
  }
}

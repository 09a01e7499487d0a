// What a policy decides: exemptions, namespaces, dates, custom resources, risk.

import TestSupport
import Testing

@testable import Evaluation

@Suite struct PolicyRulesTests {
  private func policy(
    _ mode: Mode = .deny,
    updates: UpdateTolerance = .introduced,
    exempting change: (inout RequestConditions) -> Void = { $0.users = [Glob("alice")] }
  ) -> Policy {
    var conditions = RequestConditions()
    change(&conditions)
    var policy = Policy(mode: mode, updates: updates)
    policy.exemptions = [Exemption(id: "it", reason: "r", owner: "o", conditions: conditions)]
    policy.revision = "0123456789ab"
    return policy
  }

  @Test func `an exemption allows, and is recorded without a score`() throws {
    let judgement = try TestReview(pod()).judged(policy())
    #expect(judgement.verdict == .allow)
    #expect(judgement.decision.rule == .exemption)
    #expect(judgement.decision.exemption == "it")
    #expect(judgement.decision.policyRevision == "0123456789ab")
    #expect(judgement.warnings == [])
    #expect(judgement.events.map(\.riskScore) == [0])
    #expect(judgement.events.map(\.exemption) == ["it"])
    #expect(judgement.events.map(\.policyRevision) == ["0123456789ab"])
  }

  @Test func `an exemption may say that nothing is recorded`() throws {
    var policy = policy()
    policy.exemptions[0].isRecorded = false
    let judgement = try TestReview(pod()).judged(policy)
    #expect(judgement.decision.rule == .exemption)
    #expect(judgement.events == [])
  }

  @Test(arguments: [(Int64(1), Verdict.allow), (0, .deny), (-1, .deny)])
  func `an exemption ends at its moment`(seconds: Int64, verdict: Verdict) throws {
    var policy = policy()
    policy.exemptions[0].expires = Judgement.time.adding(seconds: seconds)
    #expect(try TestReview(pod()).judged(policy).verdict == verdict)
  }

  @Test(arguments: ["containers", "initContainers", "ephemeralContainers"])
  func `an exempt sidecar does not free a pod with one other image`(field: String) throws {
    let exempt = policy { $0.images = [Glob("istio/proxy:*"), Glob("busybox:*")] }
    let other = #""\#(field)":[{"name":"p","image":"istio/proxy:1"},{"name":"e","image":"evil:1"}]"#
    let spec =
      field == "containers"
      ? "{\"hostNetwork\":true,\(other)}"
      : #"{"hostNetwork":true,"containers":[{"name":"c","image":"busybox:1.36"}],"# + other + "}"
    #expect(try TestReview(pod(spec)).judged(exempt).verdict == .deny)
    #expect(try TestReview(pod(spec.replacing("evil:1", with: "istio/proxy:2"))).judged(exempt).verdict == .allow)
  }

  @Test func `of two attachments one may be exempt and the other denied`() throws {
    let workflow = #"""
      {"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","metadata":{"name":"w"},"spec":{"templates":[
      {"name":"a","podSpec":{"hostNetwork":true,"containers":[{"name":"c","image":"good:1"}]}},
      {"name":"b","podSpec":{"hostNetwork":true,"containers":[{"name":"c","image":"evil:1"}]}}]}}
      """#
    let review = TestReview(workflow, kind: "Workflow", apiVersion: "argoproj.io/v1alpha1")
    let wildcard = policy {
      $0.images = [Glob("*:1")]
      $0.kinds = [KindPattern("argoproj.io/*"), KindPattern("Workflow")]
    }
    let named = policy {
      $0.images = [Glob("good:*")]
      $0.kinds = [KindPattern("argoproj.io/Workflow")]
    }
    // A controller may add containers that the resource does not show, so the images of a kind count where it is named.
    #expect(try review.judged(policy { $0.images = [Glob("*:1")] }).decision.exemption == nil)
    #expect(try review.judged(wildcard).decision.exemption == nil)
    let judgement = try review.judged(named)
    #expect(judgement.verdict == .deny)
    #expect(judgement.decision.rule == .mode)
    #expect(judgement.decision.exemption == nil)
    #expect(judgement.decision.attachments.map(\.verdict) == [.allow, .deny])
    #expect(judgement.decision.attachments.map(\.exemption) == ["it", nil])
    #expect(judgement.events.map(\.riskScore) == [0, 49])
    #expect(!judgement.denial.contains("good:1"))
  }

  @Test func `a forged mirror annotation of an ordinary user is denied, and the node's own is allowed`() throws {
    let spec = #"{"hostNetwork":true,"nodeName":"node-1","containers":[{"name":"c","image":"busybox:1.36"}]}"#
    let mirror = pod(spec, metadata: #"{"name":"web","annotations":{"kubernetes.io/config.mirror":"abc"}}"#)
    var review = TestReview(mirror)
    #expect(try review.judged(policy { $0.users = [Glob("bob")] }).verdict == .deny)
    review.username = "system:node:node-1"
    review.groups = ["system:nodes", "system:authenticated"]
    let judgement = try review.judged(policy { $0.users = [Glob("bob")] })
    #expect(judgement.decision.rule == .mirrorPod)
    #expect(judgement.events.map(\.riskScore) == [0])
    review.username = "system:node:node-2"
    #expect(try review.judged(policy { $0.users = [Glob("bob")] }).verdict == .deny)
  }

  @Test func `the first namespace rule that matches decides`() throws {
    var policy = Policy(mode: .deny)
    policy.namespaceRules = [
      NamespaceRule(patterns: [Glob("pay*")], enforcement: Enforcement(mode: .audit)),
      NamespaceRule(patterns: [Glob("payments")], enforcement: Enforcement(mode: .warn)),
    ]
    let judgement = try TestReview(pod()).judged(policy)
    #expect(judgement.decision.mode == .audit)
    #expect(judgement.verdict == .allow)
    var other = TestReview(pod())
    other.namespace = "prod"
    #expect(try other.judged(policy).verdict == .deny)
    #expect(try other.judged(policy.enforcing(.warn)).verdict == .warn)
  }

  @Test func `a namespace that is off is not judged, not even when it could not be`() throws {
    var policy = Policy(mode: .deny)
    policy.namespaceRules = [NamespaceRule(patterns: [Glob("payments")], enforcement: Enforcement(mode: .off))]
    let broken = pod(#"{"hostNetwork":"true","containers":[{"name":"c"}]}"#)
    #expect(try TestReview(broken).judged(policy).decision.rule == .notJudged)
    #expect(throws: EvaluationError.self) { try TestReview(broken).judged(Policy(mode: .deny)) }
  }

  @Test(arguments: [(Int64(1), Verdict.warn), (0, .deny), (-60, .deny)])
  func `from its date on a warning is a denial`(seconds: Int64, verdict: Verdict) throws {
    var policy = Policy(mode: .warn)
    policy.enforcement.denyFrom = Judgement.time.adding(seconds: seconds)
    let judgement = try TestReview(pod()).judged(policy)
    #expect(judgement.verdict == verdict)
    #expect(judgement.decision.mode.rawValue == verdict.rawValue)
  }

  @Test(arguments: [
    (UpdateTolerance.introduced, Verdict.warn), (.unchanged, .warn), (.any, .deny),
  ])
  func `an exemption comes before the tolerance of updates`(updates: UpdateTolerance, verdict: Verdict) throws {
    var review = TestReview(pod())
    review.operation = "UPDATE"
    review.oldObject = pod()
    #expect(try review.judged(policy(updates: updates)).decision.rule == .exemption)
    #expect(try review.judged(policy(updates: updates) { $0.users = [Glob("bob")] }).verdict == verdict)
  }

  @Test func `a possible attachment is denied where the policy names its place`() throws {
    let object =
      #"{"apiVersion":"monitoring.coreos.com/v1","kind":"Prometheus","metadata":{"name":"p"},"spec":{"hostNetwork":true}}"#
    let review = TestReview(object, kind: "Prometheus", apiVersion: "monitoring.coreos.com/v1")
    var policy = Policy(mode: .deny)
    #expect(try review.judged(policy).verdict == .warn)
    for (kind, path, verdict) in [
      ("monitoring.coreos.com/Prometheus", "spec.hostNetwork", Verdict.deny),
      ("monitoring.coreos.com/*", "spec.*", .deny), ("example.com/Prometheus", "spec.hostNetwork", .warn),
      ("monitoring.coreos.com/Prometheus", "spec.pod.hostNetwork", .warn),
    ] {
      policy.customResources = [CustomResourceRule(kind: KindPattern(kind), path: Glob(path))]
      #expect(try review.judged(policy).verdict == verdict, "\(kind) \(path)")
    }
  }

  @Test func `kinds that the policy never lets attach hold no attachment`() throws {
    let object = #"{"apiVersion":"example.com/v1","kind":"PodRule","metadata":{"name":"p"},"spec":\#(hostPodSpec)}"#
    let review = TestReview(object, kind: "PodRule", apiVersion: "example.com/v1")
    var policy = Policy(mode: .deny)
    #expect(try review.judged(policy).verdict == .deny)
    policy.neverAttaching = [KindPattern("example.com/*")]
    #expect(try review.judged(policy).decision.rule == .noAttachment)
  }

  // MARK: - Risk

  private func factor(
    _ effect: RiskFactor.Effect,
    _ aggravations: [HostNetworkAttachment.Aggravation] = []
  ) -> RiskFactor {
    RiskFactor(id: "f", conditions: RequestConditions(), aggravations: aggravations, effect: effect)
  }

  @Test func `factors add first and multiply then`() throws {
    var policy = Policy(mode: .deny)
    #expect(try TestReview(pod()).judged(policy).events.map(\.riskScore) == [49])
    policy.risk.factors = [factor(.multiply(1.5)), factor(.add(11)), factor(.add(1_000), [.netRaw])]
    #expect(try TestReview(pod()).judged(policy).events.map(\.riskScore) == [90])
    policy.risk.factors = [factor(.add(-100))]
    #expect(try TestReview(pod()).judged(policy).events.map(\.riskScore) == [0])
    policy.risk.factors = [factor(.multiply(100)), factor(.add(1_000))]
    #expect(try TestReview(pod()).judged(policy).events.map(\.riskScore) == [RiskSettings.scoreMax])
  }

  @Test func `a factor wants one of its aggravations and all of its conditions`() throws {
    let raw =
      #"{"hostNetwork":true,"containers":[{"name":"c","securityContext":{"capabilities":{"add":["NET_RAW"]}}}]}"#
    var policy = Policy(mode: .deny)
    policy.risk.factors = [factor(.add(20), [.privileged, .netRaw])]
    #expect(try TestReview(pod(raw)).judged(policy).events.map(\.riskScore) == [69])
    #expect(try TestReview(pod()).judged(policy).events.map(\.riskScore) == [49])
    policy.risk.factors[0].conditions.namespaces = [Glob("prod")]
    #expect(try TestReview(pod(raw)).judged(policy).events.map(\.riskScore) == [49])
  }

  @Test func `impact, confidence and the time in which an attachment counts once are the policy's`() throws {
    var policy = Policy(mode: .deny)
    policy.risk.impact = 20
    policy.risk.confidence = 100
    policy.risk.deduplicationSeconds = 60
    let event = try #require(try TestReview(pod()).judged(policy).events.first)
    #expect(event.riskScore == 20)
    #expect(event.deduplicationSeconds == 60)
  }

  // MARK: - Escalation

  @Test(arguments: [
    (Mode.warn, 100, Verdict.warn, Decision.Rule.mode), (.warn, 101, .deny, .escalation), (.audit, 101, .allow, .mode),
    (.deny, 101, .deny, .mode), (.off, 101, .allow, .notJudged),
  ])
  func `above the threshold a warning is a denial, and nothing else changes`(
    mode: Mode,
    risk: Int,
    verdict: Verdict,
    rule: Decision.Rule
  ) throws {
    var policy = Policy(mode: mode)
    policy.risk.escalation = RiskEscalation(above: 100, windowSeconds: 60)
    let judgement = try TestReview(pod()).judged(policy) { user, time, window in
      #expect(user == "alice")
      #expect(time == Judgement.time)
      #expect(window == 60)
      return risk
    }
    #expect(judgement.verdict == verdict)
    #expect(judgement.decision.rule == rule)
    #expect(judgement.denial.contains("risk is above the policy's threshold") == (rule == .escalation))
    policy.risk.escalation = nil
    #expect(try TestReview(pod()).judged(policy) { _, _, _ in 1_000 }.decision.rule != .escalation)
  }

  @Test func `escalation denies neither what is exempt, nor what was there, nor what may only attach`() throws {
    var policy = policy(.warn)
    policy.risk.escalation = RiskEscalation(above: 0)
    #expect(try TestReview(pod()).judged(policy) { _, _, _ in 999 }.decision.rule == .exemption)
    policy.exemptions = []
    var update = TestReview(pod())
    update.operation = "UPDATE"
    update.oldObject = pod()
    #expect(try update.judged(policy) { _, _, _ in 999 }.verdict == .warn)
    let object = #"{"apiVersion":"example.com/v1","kind":"K","metadata":{"name":"p"},"spec":{"hostNetwork":true}}"#
    let possible = TestReview(object, kind: "K", apiVersion: "example.com/v1")
    let judgement = try possible.judged(policy) { _, _, _ in 999 }
    #expect(judgement.verdict == .warn)
    #expect(judgement.decision.rule == .mode)
  }

  @Test(arguments: [
    ("system:kube-controller-manager", Decision.Rule.mode),
    ("system:serviceaccount:kube-system:replicaset-controller", .mode),
    ("system:serviceaccount:argo:rollouts", .mode), ("system:serviceaccount:payments:deployer", .escalation),
  ])
  func `controllers are believed about owners, and never escalated`(user: String, rule: Decision.Rule) throws {
    var policy = Policy(mode: .warn)
    policy.risk.escalation = RiskEscalation(above: 0)
    policy.risk.controllers = [Glob("system:serviceaccount:argo:*")]
    let owner = #"{"apiVersion":"a/v1","kind":"Rollout","name":"web","uid":"u1","controller":true}"#
    var review = TestReview(pod().replacing("\"metadata\":{", with: "\"metadata\":{\"ownerReferences\":[\(owner)],"))
    review.username = user
    let judgement = try review.judged(policy) { _, _, _ in 999 }
    #expect(judgement.decision.rule == rule)
    #expect(judgement.events.first?.owner?.uid == (rule == .mode ? "u1" : nil))
  }

  @Test func `counted risk charges an attachment once in its time, however often it is delivered`() throws {
    let policy = Policy(mode: .warn)
    var event = try #require(try TestReview(pod()).judged(policy).events.first)
    var counted = CountedRisk()
    for _ in 0..<3 { counted.add(event) }
    let start = event.time
    func risk(_ seconds: Int64) -> Int {
      counted.risk(of: "alice", at: start.adding(seconds: seconds), windowSeconds: 1_000_000)
    }
    #expect(risk(0) == 49)
    event.time = start.adding(seconds: event.deduplicationSeconds - 1)
    counted.add(event)
    event.introduced = false
    event.name = "other"
    event.objectUID = ""
    counted.add(event)
    #expect(risk(event.deduplicationSeconds) == 49)
    event.introduced = true
    counted.add(event)
    #expect(risk(event.deduplicationSeconds) == 98)
  }

  @Test func `counted risk looks at all charges of an attachment, not only at the last`() throws {
    var event = try #require(try TestReview(pod()).judged(Policy(mode: .warn)).events.first)
    let start = event.time
    for window in [0, 86_400] as [Int64] {
      var counted = CountedRisk()
      event.deduplicationSeconds = window
      // As they were made, then again as a ledger tells of them, then one just after the second.
      for seconds in [0, 2, 4, 0, 2, 4] as [Int64] {
        event.time = start.adding(seconds: seconds * 86_400)
        counted.add(event)
      }
      event.time = start.adding(seconds: 2 * 86_400 + 1)
      counted.add(event)
      let sum = counted.risk(of: "alice", at: start.adding(seconds: 5 * 86_400), windowSeconds: 1_000_000)
      #expect(sum == (window == 0 ? 4 : 3) * 49)
    }
  }

  @Test func `risk adds up within the window that ends with the request`() {
    var tally = RiskTally()
    let now = Judgement.time
    for seconds in [-60, -59, -1, 0, 1] as [Int64] { tally.add(10, to: "alice", at: now.adding(seconds: seconds)) }
    tally.add(0, to: "alice", at: now)
    tally.add(10, to: "bob", at: now)
    #expect(tally.risk(of: "alice", at: now, windowSeconds: 60) == 30)
    #expect(tally.risk(of: "alice", at: now.adding(seconds: 1), windowSeconds: 1) == 10)
    #expect(tally.risk(of: "carol", at: now, windowSeconds: 60) == 0)
  }

  @Test func `a tally stays bounded and still reaches every threshold`() {
    var tally = RiskTally(totalMax: 5_000)
    for number in 0..<10_000 { tally.add(1, to: "alice", at: Judgement.time.adding(seconds: Int64(number))) }
    let end = Judgement.time.adding(seconds: 10_000)
    #expect(tally.risk(of: "alice", at: end, windowSeconds: 100_000) > RiskEscalation.thresholdMax)
    for number in 0..<5_000 { tally.add(1, to: "user-\(number)", at: end.adding(seconds: Int64(number))) }
    #expect(tally.risk(of: "alice", at: end, windowSeconds: 100_000) == 0)
    #expect(tally.risk(of: "user-0", at: end, windowSeconds: 100_000) == 0)
    let last = end.adding(seconds: 5_000)
    #expect(tally.risk(of: "user-4999", at: last, windowSeconds: 60) == 1)
  }

  @Test func `charges that come out of order add up all the same`() {
    var tally = RiskTally()
    for seconds in [30, 10, 20, 0, 40] as [Int64] { tally.add(1, to: "a", at: Judgement.time.adding(seconds: seconds)) }
    #expect(tally.risk(of: "a", at: Judgement.time.adding(seconds: 30), windowSeconds: 21) == 3)
  }
}

// The rules of the evaluator, one test each.

import Evaluation
import TestSupport
import Testing

let hostPodSpec = #"{"hostNetwork":true,"containers":[{"name":"c","image":"busybox:1.36"}]}"#
let plainPodSpec = #"{"containers":[{"name":"c","image":"busybox:1.36"}]}"#

func pod(_ spec: String = hostPodSpec, metadata: String = #"{"name":"web"}"#) -> String {
  #"{"apiVersion":"v1","kind":"Pod","metadata":\#(metadata),"spec":\#(spec)}"#
}

@Suite struct EvaluatorTests {
  @Test(arguments: try ExpectedReview.all())
  func `a recorded review gets its verdict`(expected: ExpectedReview) throws {
    let judgement = try Judgement.of(
      try Fixtures.bytes("admission-reviews/\(expected.file)"),
      policy: Policy(mode: .deny)
    )
    #expect(judgement.verdict.rawValue == expected.verdict)
    #expect(judgement.decision.rule.rawValue == expected.rule)
    #expect(judgement.decision.attachments.first?.introduced == expected.introduced)
    #expect(judgement.events.count == expected.events)
    #expect(judgement.denial.isEmpty == (expected.verdict != "deny"))
  }

  @Test func `every recorded review is in the table and the other way round`() throws {
    #expect(
      try ExpectedReview.all().map(\.file) == Fixtures.files(in: "admission-reviews", withExtension: "json")
    )
  }

  @Test(arguments: [
    (Mode.off, Verdict.allow, 0), (.audit, .allow, 1), (.warn, .warn, 1), (.deny, .deny, 1),
  ])
  func `the mode decides, and every mode but off records`(mode: Mode, verdict: Verdict, events: Int) throws {
    let judgement = try TestReview(pod()).judged(Policy(mode: mode))
    #expect(judgement.verdict == verdict)
    #expect(judgement.events.count == events)
  }

  @Test(arguments: ["DELETE", "CONNECT"])
  func `only creates and updates are judged`(operation: String) throws {
    var review = TestReview(pod())
    review.operation = operation
    #expect(try review.judged().decision.rule == .notJudged)
  }

  @Test(arguments: [
    ("ephemeralcontainers", Verdict.deny), ("resize", .deny), ("status", .allow), ("scale", .allow), ("exec", .allow),
    ("binding", .allow), ("eviction", .allow),
  ])
  func `of subresources only those that can change a pod spec are judged`(subresource: String, verdict: Verdict) throws
  {
    var review = TestReview(pod())
    review.operation = "UPDATE"
    review.subresource = subresource
    review.oldObject = pod(plainPodSpec)
    #expect(try review.judged().verdict == verdict)
  }

  @Test func `a create without an object cannot be judged`() {
    #expect(throws: EvaluationError.missingObject) { try TestReview("null").judged() }
  }

  @Test func `a dry run gets the same verdict and leaves no record`() throws {
    var review = TestReview(pod())
    review.isDryRun = true
    let judgement = try review.judged()
    #expect(judgement.verdict == .deny)
    #expect(judgement.events.isEmpty)
  }

  // MARK: - Updates

  private func update(_ new: String, from old: String, kind: String = "Pod", apiVersion: String = "v1") -> TestReview {
    var review = TestReview(new, kind: kind, apiVersion: apiVersion)
    review.operation = "UPDATE"
    review.oldObject = old
    return review
  }

  @Test func `a template turned from false to true is denied at the workload`() throws {
    func deployment(_ spec: String) -> String { #"{"metadata":{"name":"a"},"spec":{"template":{"spec":\#(spec)}}}"# }
    let review = update(
      deployment(hostPodSpec),
      from: deployment(plainPodSpec),
      kind: "Deployment",
      apiVersion: "apps/v1"
    )
    let judgement = try review.judged()
    #expect(judgement.verdict == .deny)
    #expect(judgement.pointers == ["/spec/template/spec/hostNetwork"])
    #expect(judgement.events.map(\.introduced) == [true])
  }

  @Test(arguments: [
    (UpdateTolerance.introduced, false, Verdict.warn), (.introduced, true, .warn), (.unchanged, false, .warn),
    (.unchanged, true, .deny), (.any, false, .deny), (.any, true, .deny),
  ])
  func `tolerance of what was there goes as far as the policy says`(
    updates: UpdateTolerance,
    changesImage: Bool,
    verdict: Verdict
  ) throws {
    let image = changesImage ? "busybox:1.37" : "busybox:1.36"
    // The members stand in another order, which is no change.
    let spec = #"{"containers":[{"image":"\#(image)","name":"c"}],"hostNetwork":true}"#
    let review = update(pod(spec, metadata: #"{"name":"web","labels":{"a":"b"}}"#), from: pod())
    let judgement = try review.judged(Policy(mode: .deny, updates: updates))
    #expect(judgement.verdict == verdict)
    #expect(judgement.events.map(\.introduced) == [false])
  }

  @Test(arguments: [(Mode.audit, Verdict.allow), (.warn, .warn), (.deny, .warn)])
  func `what was there is never denied, and audit stays silent`(mode: Mode, verdict: Verdict) throws {
    let judgement = try update(pod(), from: pod()).judged(Policy(mode: mode))
    #expect(judgement.verdict == verdict)
    #expect(judgement.decision.rule == .notIntroduced)
    #expect(judgement.events.map(\.introduced) == [false])
  }

  @Test func `an update without the old object is taken as all new`() throws {
    #expect(try update(pod(), from: "null").judged().verdict == .deny)
  }

  private func workflow(_ templates: [String]) -> String {
    #"{"metadata":{"name":"w"},"spec":{"templates":[\#(templates.joined(separator: ","))]}}"#
  }

  private func template(_ name: String, host: Bool) -> String {
    #"{"name":"\#(name)","hostNetwork":\#(host),"containers":[{"name":"c","image":"i"}]}"#
  }

  private func updateWorkflow(_ new: [String], from old: [String]) throws -> Judgement {
    try update(workflow(new), from: workflow(old), kind: "Workflow", apiVersion: "argoproj.io/v1alpha1").judged()
  }

  @Test func `a reorder of named elements introduces nothing`() throws {
    let old = [template("a", host: true), template("b", host: false), template("c", host: true)]
    #expect(try updateWorkflow([old[2], old[0], old[1]], from: old).decision.rule == .notIntroduced)
  }

  @Test func `another element turned true is introduced, and only that one is denied`() throws {
    let judgement = try updateWorkflow(
      [template("b", host: true), template("a", host: true)],
      from: [template("a", host: true), template("b", host: false)]
    )
    #expect(judgement.verdict == .deny)
    #expect(judgement.decision.attachments.map(\.introduced) == [true, false])
    #expect(judgement.decision.attachments.map(\.verdict) == [.deny, .warn])
    #expect(judgement.denial.contains("spec.templates[0].hostNetwork"))
    #expect(!judgement.denial.contains("spec.templates[1].hostNetwork"))
  }

  @Test func `a second element of the same name is new even though its name is not`() throws {
    let judgement = try updateWorkflow(
      [template("a", host: true), template("a", host: true)],
      from: [template("a", host: true)]
    )
    #expect(judgement.decision.attachments.map(\.introduced) == [false, true])
  }

  @Test func `a name cannot be made to look like another place`() throws {
    // `x/#0` as a name must not be taken for element 0 below x.
    let old = #"{"spec":{"a":[{"name":"x/#0","hostNetwork":true,"containers":[{}]}]}}"#
    let new = #"{"spec":{"a":[{"name":"x","b":[{"hostNetwork":true,"containers":[{}]}]}]}}"#
    #expect(try update(new, from: old, kind: "K", apiVersion: "example.com/v1").judged().verdict == .deny)
  }

  @Test func `names that only Unicode holds to be equal are different places`() throws {
    let composed = [template("caf\u{E9}", host: true)]
    let decomposed = [template("cafe\u{301}", host: true)]
    #expect(try updateWorkflow(composed, from: composed).verdict == .warn)
    #expect(try updateWorkflow(decomposed, from: composed).verdict == .deny)
  }

  @Test func `elements of one name, possible and certain, may be reordered and removed`() throws {
    let possible = #"{"name":"a","hostNetwork":true}"#
    let certain = template("a", host: true)
    #expect(try updateWorkflow([certain, possible], from: [possible, certain]).verdict == .warn)
    #expect(try updateWorkflow([certain], from: [possible, certain]).verdict == .warn)
    #expect(try updateWorkflow([certain, certain], from: [possible, certain]).verdict == .deny)
  }

  @Test func `a possible field that becomes a pod spec is new`() throws {
    let old = #"{"spec":{"hostNetwork":true}}"#
    let new = #"{"spec":{"hostNetwork":true,"containers":[{"name":"c"}]}}"#
    #expect(try update(new, from: old, kind: "K", apiVersion: "example.com/v1").judged().verdict == .deny)
    #expect(try update(old, from: new, kind: "K", apiVersion: "example.com/v1").judged().verdict == .warn)
  }

  // MARK: - Deletion

  private let deleting = #"{"name":"web","deletionTimestamp":"2026-11-23T16:43:03Z","finalizers":["a"]}"#

  @Test(arguments: UpdateTolerance.allCases)
  func `an object being deleted is never held up`(updates: UpdateTolerance) throws {
    let changed = hostPodSpec.replacing("1.36", with: "1.37")
    let review = update(pod(changed, metadata: #"{"name":"web"}"#), from: pod(metadata: deleting))
    let judgement = try review.judged(Policy(mode: .deny, updates: updates))
    #expect(judgement.verdict == .allow)
    #expect(judgement.decision.rule == .beingDeleted)
    #expect(judgement.events.isEmpty)
  }

  @Test func `an object being deleted may still not be attached`() throws {
    #expect(try update(pod(), from: pod(plainPodSpec, metadata: deleting)).judged().verdict == .deny)
  }

  @Test func `a deletion timestamp that the requester wrote means nothing`() throws {
    #expect(try TestReview(pod(metadata: deleting)).judged().verdict == .deny)
    let policy = Policy(mode: .deny, updates: .any)
    #expect(try update(pod(metadata: deleting), from: pod()).judged(policy).verdict == .deny)
  }

  // MARK: - Mirror pods

  private let mirror = #"{"name":"etcd-node-1","annotations":{"kubernetes.io/config.mirror":"8f3a"}}"#
  private let onNode = #"{"nodeName":"node-1","hostNetwork":true,"containers":[{"name":"etcd","image":"etcd"}]}"#

  @Test(arguments: [
    ("system:node:node-1", ["system:nodes", "system:authenticated"], Verdict.allow),
    ("system:node:node-2", ["system:nodes"], .deny), ("system:node:node-1", ["devs"], .deny),
    ("alice", ["devs"], .deny),
    ("alice", ["system:nodes"], .deny), ("system:node:", ["system:nodes"], .deny),
  ])
  func `a mirror pod is believed of its own node only`(user: String, groups: [String], verdict: Verdict) throws {
    var review = TestReview(pod(onNode, metadata: mirror))
    review.username = user
    review.groups = groups
    let judgement = try review.judged()
    #expect(judgement.verdict == verdict)
    #expect(judgement.events.map(\.riskScore) == [verdict == .allow ? 0 : 49])
    #expect((judgement.decision.rule == .mirrorPod) == (verdict == .allow))
  }

  @Test func `a node may not make other pods on its network`() throws {
    var review = TestReview(pod(onNode))
    review.username = "system:node:node-1"
    review.groups = ["system:nodes"]
    #expect(try review.judged().verdict == .deny)
  }

  // MARK: - Risk events

  @Test func `a risk event carries the analytic's score, message and annotations`() throws {
    let judgement = try Judgement.of(
      try Fixtures.bytes("admission-reviews/017-create-pods-sniffer.json"),
      policy: Policy(mode: .deny)
    )
    let event = try #require(judgement.events.first)
    #expect(event.riskScore == 49)
    #expect(event.riskMessage == "Kubernetes pod with host network attachment from user alice.")
    #expect(event.riskObject == "alice")
    #expect(event.riskObjectType == "user")
    #expect(event.id == "1f930cf0-3cdd-4db2-b38d-c8c70df1545d:/spec/hostNetwork")
    #expect(event.objectUID == "ea0f2d21-2990-4d7d-a64a-629e0b31bc71")
    #expect(event.attachment.aggravations == [.netAdmin, .netRaw])
    #expect(Detection.hostNetwork.annotations.mitreAttack.contains("T1204"))
  }

  @Test(arguments: [(Mode.deny, false), (.warn, true), (.audit, true)])
  func `an object that is denied is not stored, and any other may be`(mode: Mode, stored: Bool) throws {
    let review = try Fixtures.bytes("admission-reviews/017-create-pods-sniffer.json")
    #expect(try Judgement.of(review, policy: Policy(mode: mode)).events.map(\.stored) == [stored])
  }

  @Test func `the same review judged twice gives the same events`() throws {
    let review = try Fixtures.bytes("admission-reviews/022-create-daemonsets-node-exporter.json")
    let first = try Judgement.of(review, policy: Policy(mode: .warn)).events
    #expect(try Judgement.of(review, policy: Policy(mode: .warn)).events == first)
  }
}

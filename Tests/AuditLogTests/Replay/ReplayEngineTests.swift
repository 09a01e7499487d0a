// The rules of a replay, one test each.

import Evaluation
import TestSupport
import Testing

@testable import AuditLog

private let attached = #"{"hostNetwork":true,"containers":[{"name":"c","image":"busybox:1.36"}]}"#
private let plain = #"{"containers":[{"name":"c","image":"busybox:1.36"}]}"#

private func pod(_ spec: String, _ metadata: String = #""name":"web""#) -> String {
  #"{"kind":"Pod","apiVersion":"v1","metadata":{\#(metadata)},"spec":\#(spec)}"#
}

private func deployment(_ spec: String, _ metadata: String = #""name":"web""#) -> String {
  #"{"kind":"Deployment","apiVersion":"apps/v1","metadata":{\#(metadata)},"spec":{"template":{"spec":\#(spec)}}}"#
}

private func workload(_ event: TestAuditEvent) -> TestAuditEvent {
  var event = event
  event.resource = "deployments"
  event.group = "apps"
  return event
}

@Suite struct ReplayEngineTests {
  @Test func `a request is judged once, at its end`() {
    var received = TestAuditEvent(pod(attached))
    received.stage = "RequestReceived"
    var started = received
    started.stage = "ResponseStarted"
    let result = ReplayResult.of([received, started, TestAuditEvent(pod(attached))])
    #expect(result.findings.count == 1)
    #expect(result.summary.coverage.events == 3)
  }

  @Test func `a second delivery of an event changes nothing`() {
    let line = TestAuditEvent(pod(attached)).json + "\n"
    let result = ReplayResult.of(Array((line + line).utf8))
    #expect(result.findings.count == 1)
    #expect(result.summary.duplicates == 1)
    #expect(result.summary.written.denied == 1)
  }

  @Test func `what was stored counts, not what was sent`() {
    var mutated = TestAuditEvent(pod(attached))
    mutated.requestObject = pod(plain)
    var cleaned = TestAuditEvent(pod(plain))
    cleaned.requestObject = pod(attached)
    let result = ReplayResult.of([mutated, cleaned])
    #expect(result.findings.map(\.line) == [1])
    #expect(result.findings.first?.evidence == .responseObject)
  }

  @Test func `without the response what was sent counts`() {
    var event = TestAuditEvent(pod(attached))
    event.level = "Request"
    event.responseObject = nil
    #expect(ReplayResult.of([event]).findings.map(\.evidence) == [.requestObject])
  }

  @Test func `a rejected request is told apart and is judged by what was sent`() {
    var event = TestAuditEvent(pod(attached))
    event.code = 403
    event.responseObject = #"{"kind":"Status","apiVersion":"v1","status":"Failure","code":403}"#
    let result = ReplayResult.of([event])
    #expect(result.findings.map(\.outcome) == [.rejected(code: 403)])
    #expect(result.summary.rejected.denied == 1)
    #expect(result.summary.written.total == 0)
    #expect(result.findings.flatMap(\.riskEvents).map(\.stored) == [false])
  }

  @Test func `a dry run is told apart and leaves no risk event`() {
    var event = TestAuditEvent(pod(attached))
    event.query = "dryRun=All"
    let result = ReplayResult.of([event])
    #expect(result.findings.map(\.outcome) == [.dryRun])
    #expect(result.findings.flatMap(\.riskEvents).isEmpty)
    #expect(result.summary.dryRuns.denied == 1)
  }

  @Test func `an impersonated user is charged, and the impersonator is named`() {
    var event = TestAuditEvent(pod(attached))
    event.impersonatedUser = "bob"
    let finding = ReplayResult.of([event]).findings.first
    #expect(finding?.subject.user.username == "bob")
    #expect(finding?.impersonator == "alice")
  }

  @Test func `risk events carry the audit id, and the address of the API server's peer`() throws {
    var event = TestAuditEvent(pod(attached, #""name":"web","uid":"u-1""#))
    event.sourceIPs = ["1.2.3.4", "10.0.0.5"]
    let risk = try #require(ReplayResult.of([event]).findings.first?.riskEvents.first)
    #expect(risk.id == "0@1795452183042000:/spec/hostNetwork")
    #expect(risk.threatObject == "10.0.0.5")
    #expect(risk.objectUID == "u-1")
    #expect(risk.riskScore == 49)
    #expect(risk.stored, "whatever the verdict would have been")
  }

  // MARK: - What was there before

  @Test func `an update of what an earlier event attached introduces nothing`() {
    let result = ReplayResult.of([
      workload(TestAuditEvent(deployment(attached))),
      workload(.update(deployment(attached, #""name":"web","generation":2"#))),
    ])
    #expect(result.findings.map(\.decision.verdict) == [.deny, .warn])
    #expect(result.findings.map(\.previous) == [.none, .known])
  }

  @Test func `what was taken away and put back is introduced`() {
    let result = ReplayResult.of([
      workload(TestAuditEvent(deployment(attached))), workload(.update(deployment(plain))),
      workload(.update(deployment(attached))),
    ])
    #expect(result.findings.map(\.decision.verdict) == [.deny, .deny])
    #expect(result.findings.map(\.previous) == [.none, .known])
  }

  @Test func `a rejected write or a dry run changes nothing about what is known`() {
    var rejected = workload(.update(deployment(plain), code: 422))
    rejected.responseObject = nil
    var dryRun = workload(.update(deployment(plain)))
    dryRun.query = "dryRun=All"
    let result = ReplayResult.of([
      workload(TestAuditEvent(deployment(attached))), rejected, dryRun, workload(.update(deployment(attached))),
    ])
    #expect(result.findings.map(\.decision.verdict) == [.deny, .warn])
  }

  @Test func `a write without a body makes the state unknown, and the next update is judged as introduced`() {
    var unseen = workload(.update(deployment(plain)))
    unseen.level = "Metadata"
    unseen.requestObject = nil
    unseen.responseObject = nil
    let result = ReplayResult.of([
      workload(TestAuditEvent(deployment(attached))), unseen, workload(.update(deployment(attached))),
    ])
    #expect(result.findings.map(\.previous) == [.none, .unknown])
    #expect(result.findings.map(\.decision.verdict) == [.deny, .deny])
    #expect(result.summary.unknownPrevious == 1)
    #expect(result.summary.coverage.unjudgedWrites == 1)
  }

  @Test func `an object made anew under a name starts afresh`() {
    var deletion = workload(TestAuditEvent())
    deletion.verb = "delete"
    deletion.code = 200
    let result = ReplayResult.of([
      workload(TestAuditEvent(deployment(attached))), deletion, workload(TestAuditEvent(deployment(plain))),
      workload(.update(deployment(attached))),
    ])
    #expect(result.findings.map(\.decision.verdict) == [.deny, .deny])
  }

  @Test func `an object that is being deleted may lose its finalizers`() {
    var deletion = workload(TestAuditEvent())
    deletion.verb = "delete"
    deletion.code = 200
    let update = workload(.update(deployment(attached, #""name":"web","deletionTimestamp":"2026-11-23T00:00:00Z""#)))
    #expect(ReplayResult.of([workload(TestAuditEvent(deployment(attached))), deletion, update]).findings.count == 1)
    #expect(ReplayResult.of([workload(TestAuditEvent(deployment(attached))), update]).findings.count == 1)
  }

  @Test func `a pod's hostNetwork never changes, so an update of a pod introduces nothing`() {
    let finding = ReplayResult.of([.update(pod(attached))]).findings.first
    #expect(finding?.decision.rule == .notIntroduced)
    #expect(finding?.previous == .known)
  }

  @Test func `generation 1 proves that a workload is as it was made`() {
    let first = workload(.update(deployment(attached, #""name":"web","generation":1"#)))
    let later = workload(.update(deployment(attached, #""name":"web","generation":2"#)))
    #expect(ReplayResult.of([first]).findings.map(\.previous) == [.known])
    #expect(ReplayResult.of([later]).findings.map(\.previous) == [.unknown])
  }

  // MARK: - Patches

  @Test(arguments: [
    #"{"spec":{"template":{"spec":{"hostNetwork":true}}}}"#,
    #"[{"op":"add","path":"/spec/template/spec/hostNetwork","value":true}]"#,
    #"[{"op":"test","path":"/a","value":1},{"op":"replace","path":"/spec/template/spec","value":{"hostNetwork":true}}]"#,
    #"[{"op":"add","path":"/spec/template","value":{"spec":{"hostNetwork":true,"containers":[{"name":"c"}]}}}]"#,
  ])
  func `a patch alone says what it attaches, in every form`(patch: String) {
    let event = TestAuditEvent.patch(patch, of: "deployments", group: "apps", giving: nil)
    let finding = ReplayResult.of([event]).findings.first
    #expect(finding?.evidence == .patch)
    #expect(finding?.decision.verdict == .deny)
    #expect(finding?.decision.attachments.first?.attachment.pointer == "/spec/template/spec/hostNetwork")
  }

  @Test(arguments: [
    #"{"metadata":{"labels":{"a":"b"}}}"#, #"[{"op":"add","path":"/metadata/labels/a","value":"b"}]"#,
    #"{"spec":{"template":{"spec":{"hostNetwork":null}}}}"#,
    #"[{"op":"remove","path":"/spec/template/spec/hostNetwork"}]"#,
  ])
  func `a patch that sets no hostNetwork is no finding where only the patch is logged`(patch: String) {
    let event = TestAuditEvent.patch(patch, of: "deployments", group: "apps", giving: nil)
    let result = ReplayResult.of([event])
    #expect(result.findings.isEmpty)
    #expect(result.summary.coverage.unjudgedWrites == 0)
  }

  @Test func `a patch that does not speak of hostNetwork left it as it was`() {
    let event = TestAuditEvent.patch(
      #"{"metadata":{"labels":{"a":"b"}}}"#,
      of: "deployments",
      group: "apps",
      giving: deployment(attached, #""name":"web","generation":7"#)
    )
    #expect(ReplayResult.of([event]).findings.map(\.decision.rule) == [.notIntroduced])
  }

  @Test func `server-side apply of a new object is a create`() {
    var event = TestAuditEvent.patch(
      deployment(attached),
      of: "deployments",
      group: "apps",
      giving: deployment(attached)
    )
    event.code = 201
    let finding = ReplayResult.of([event]).findings.first
    #expect(finding?.subject.operation == .create)
    #expect(finding?.decision.verdict == .deny)
  }

  // MARK: - Coverage

  @Test(arguments: [
    ("pods", "", "", 1), ("pods", "", "ephemeralcontainers", 1), ("pods", "", "status", 0), ("pods", "", "exec", 0),
    ("daemonsets", "apps", "", 1), ("daemonsets", "apps", "scale", 0), ("configmaps", "", "", 0),
    ("leases", "coordination.k8s.io", "", 0), ("cronjobs", "batch", "", 1),
  ])
  func `a write without a body is a gap where it could have attached a pod`(
    resource: String,
    group: String,
    subresource: String,
    gaps: Int
  ) {
    var event = TestAuditEvent()
    event.level = "Metadata"
    (event.resource, event.group, event.subresource) = (resource, group, subresource)
    #expect(ReplayResult.of([event]).summary.coverage.unjudgedWrites == gaps)
    event.code = 403
    #expect(ReplayResult.of([event]).summary.coverage.unjudgedWrites == 0)
    event.code = 201
    event.query = "dryRun=All"
    #expect(ReplayResult.of([event]).summary.coverage.unjudgedWrites == 0)
  }

  @Test func `truncated events are told apart, and custom resources are counted on their own`() {
    var truncated = TestAuditEvent()
    truncated.annotations["audit.k8s.io/truncated"] = "true"
    var custom = TestAuditEvent()
    custom.level = "Metadata"
    (custom.resource, custom.group) = ("rollouts", "argoproj.io")
    let coverage = ReplayResult.of([truncated, custom]).summary.coverage
    #expect(coverage.gaps == [CoverageGap(group: "", resource: "pods", reason: .truncated): 1])
    #expect(
      coverage.customResourceGaps == [
        CoverageGap(group: "argoproj.io", resource: "rollouts", reason: .metadataLevel): 1
      ]
    )
  }

  @Test func `an object that cannot be judged is a gap, not a pass`() {
    let event = TestAuditEvent(pod(#"{"hostNetwork":"true","containers":[{"name":"c"}]}"#))
    let coverage = ReplayResult.of([event]).summary.coverage
    #expect(coverage.gaps == [CoverageGap(group: "", resource: "pods", reason: .unjudgeable): 1])
  }

  // MARK: - Filters and counts

  @Test func `filters choose findings and gaps, and what was there before is known all the same`() {
    var first = workload(TestAuditEvent(deployment(attached)))
    first.time = "2026-11-01T00:00:00.000000Z"
    first.username = "bob"
    var unseen = TestAuditEvent()
    unseen.level = "Metadata"
    unseen.username = "carol"
    var settings = ReplaySettings(policy: Policy(mode: .deny))
    settings.filter = ReplayFilter(since: Timestamp(rfc3339: "2026-11-02T00:00:00Z"), user: "alice")
    let result = ReplayResult.of([first, unseen, workload(.update(deployment(attached)))], settings)
    #expect(result.findings.map(\.decision.verdict) == [.warn])
    #expect(result.findings.map(\.previous) == [.known])
    #expect(result.summary.coverage.unjudgedWrites == 0)
  }

  @Test func `the summary counts by user, namespace, workload, owner, image and hour`() {
    var generated = TestAuditEvent(
      pod(
        attached,
        #""name":"agent-x7k2p","generateName":"agent-","ownerReferences":[{"kind":"DaemonSet","name":"agent","controller":true}]"#
      )
    )
    generated.name = ""
    let summary = ReplayResult.of([generated]).summary
    #expect(summary.byUser.top(5).map(\.name) == ["alice"])
    #expect(summary.byNamespace.top(5).map(\.name) == ["payments"])
    #expect(summary.byWorkload.top(5).map(\.name) == ["Pod payments/agent-*"])
    #expect(summary.byOwner.top(5).map(\.name) == ["DaemonSet payments/agent"])
    #expect(summary.byImage.top(5).map(\.name) == ["busybox:1.36"])
    #expect(summary.byHour.top(5).map(\.name) == ["2026-11-23T16"])
    #expect(summary.firstEvent == Timestamp(rfc3339: "2026-11-23T16:43:03.042000Z"))
  }

  @Test func `a comparison names what only one semantics finds, and why`() {
    let annotation =
      #""name":"web","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"hostNetwork\":true}"}"#
    var both = TestAuditEvent(pod(attached, annotation))
    both.name = "both"
    var stale = TestAuditEvent(pod(plain, annotation))
    stale.name = "stale"
    var bare = TestAuditEvent(pod(attached))
    bare.name = "bare"
    let result = ReplayResult.of([both, stale, bare], ReplaySettings(policy: Policy(mode: .deny), compares: true))
    #expect(result.compared.map(\.name) == ["stale", "bare"])
    #expect(result.compared.map(\.onlyIn) == [.splunk, .hostfence])
    #expect(result.compared.allSatisfy { !$0.why.isEmpty })
  }

  @Test func `in a log a user's counted risk makes warnings denials, for that user and in the window`() {
    var policy = Policy(mode: .warn)
    policy.risk.escalation = RiskEscalation(above: 97, windowSeconds: 3_600)
    func event(_ name: String, _ time: String, user: String = "alice") -> TestAuditEvent {
      var event = TestAuditEvent(
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)"},"spec":{"hostNetwork":true,"containers":[{"name":"c"}]}}"#
      )
      event.name = name
      event.username = user
      event.time = "2026-11-23T\(time)Z"
      return event
    }
    let result = ReplayResult.of(
      [
        event("a", "10:00:00"), event("a", "10:01:00"), event("b", "10:02:00"), event("c", "10:03:00"),
        event("c", "10:04:00", user: "bob"), event("d", "11:02:30"), event("e", "11:04:00"),
      ],
      ReplaySettings(policy: policy)
    )
    // Twice 49 by the fourth, of which the second does not count; at 11:02:30 the two first are out of the window.
    #expect(result.findings.map(\.decision.verdict) == [.warn, .warn, .warn, .deny, .warn, .warn, .warn])
    #expect(result.findings.map(\.decision.rule.rawValue)[3] == "escalation")
  }
}

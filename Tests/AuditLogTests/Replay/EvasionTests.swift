// What a client, a pipeline or an odd log could do to keep an attachment out of the findings; each was found by trying.

import Evaluation
import TestSupport
import Testing

@testable import AuditLog

@Suite struct EvasionTests {
  private static let attached = #"{"hostNetwork":true,"containers":[{"name":"c","image":"busybox:1.36"}]}"#
  private static let plain = #"{"containers":[{"name":"c","image":"busybox:1.36"}]}"#

  private static func deployment(_ spec: String) -> String {
    #"{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web"},"spec":{"template":{"spec":\#(spec)}}}"#
  }

  private static func pod(_ spec: String) -> String {
    #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web"},"spec":\#(spec)}"#
  }

  private func patch(_ patch: String, giving object: String? = nil) -> TestAuditEvent {
    .patch(patch, of: "deployments", group: "apps", giving: object)
  }

  private func created(_ spec: String) -> TestAuditEvent {
    var event = TestAuditEvent(Self.deployment(spec))
    event.resource = "deployments"
    event.group = "apps"
    return event
  }

  /// Both ways through a log.
  private func replay(_ events: [TestAuditEvent]) -> ReplayResult {
    let lines = events.enumerated().map { number, event in
      var event = event
      if event.auditID == TestAuditEvent().auditID { event.auditID = "\(number)" }
      return event.json + "\n"
    }
    let text = Array(lines.joined().utf8)
    let result = ReplayResult.of(text)
    let plainly = ReplayResult.plainly(text)
    #expect(result.findings.map(\.decision) == plainly.findings.map(\.decision))
    #expect(result.summary.coverage == plainly.summary.coverage)
    return result
  }

  // MARK: - The form of the response

  @Test(arguments: [
    #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"web"}}"#,
    #"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"rows":[]}"#,
    #"{}"#, #"{"kind":"Status","apiVersion":"v1","metadata":{}}"#, #"{"kind":"Pod","apiVersion":"v1","metadata":{}}"#,
  ])
  func `a response in a form that the client chose hides nothing`(response: String) {
    var create = TestAuditEvent(Self.pod(Self.attached))
    create.responseObject = response
    var change = patch(#"{"spec":{"template":{"spec":{"hostNetwork":true}}}}"#, giving: response)
    change.level = "RequestResponse"
    let result = replay([create, change])
    #expect(result.findings.map(\.evidence) == [.requestObject, .patch])
    #expect(result.findings.map(\.decision.verdict) == [.deny, .deny])
  }

  @Test func `a response in another form does not make an object's past clean`() {
    let table = #"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"rows":[]}"#
    var labelled = patch(#"{"metadata":{"labels":{"a":"b"}}}"#, giving: table)
    labelled.level = "RequestResponse"
    var update = created(Self.attached)
    update.verb = "update"
    let result = replay([created(Self.attached), labelled, update])
    #expect(result.findings.map(\.previous) == [.none, .known])
    #expect(result.findings.last?.decision.verdict == .warn)
  }

  // MARK: - The audit id

  @Test func `two requests with one audit id, which the client may choose, are two`() {
    var dry = TestAuditEvent(Self.pod(Self.attached))
    dry.auditID = "11111111-1111-1111-1111-111111111111"
    dry.query = "dryRun=All"
    var rejected = dry
    rejected.query = ""
    rejected.code = 422
    rejected.responseObject = nil
    var real = dry
    real.query = ""
    real.time = "2026-11-23T16:43:09.000000Z"
    var again = real
    again.time = "2026-11-23T16:43:09.000001Z"
    let result = replay([dry, rejected, real, again, again])
    #expect(result.findings.map(\.outcomeName) == ["dry-run", "rejected", "written", "written"])
    #expect(result.summary.duplicates == 1)
    let ids = result.findings.flatMap(\.riskEvents).map(\.id)
    #expect(Set(ids).count == 3)
  }

  @Test func `a copy without bodies does not stand for the event that has them`() {
    let whole = TestAuditEvent(Self.pod(Self.attached))
    var cut = whole
    cut.requestObject = nil
    cut.responseObject = nil
    cut.annotations["audit.k8s.io/truncated"] = "true"
    let text = [cut, whole].map { $0.json + "\n" }.joined()
    #expect(ReplayResult.of(Array(text.utf8)).findings.count == 1)
  }

  // MARK: - Bodies that are none

  @Test(arguments: [
    (#""skipped-too-big-size-object""#, CoverageGap.Reason.oversized), (#""x""#, .metadataLevel),
    ("null", .metadataLevel),
  ])
  func `a body that is no object is not one that was judged`(body: String, reason: CoverageGap.Reason) {
    var event = TestAuditEvent()
    event.requestObject = body
    let result = replay([event])
    #expect(result.summary.coverage.judgedWrites == 0)
    #expect(result.summary.coverage.gaps == [CoverageGap(group: "", resource: "pods", reason: reason): 1])
  }

  @Test(arguments: [
    ("fieldManager=dryRun=All", false), ("labelSelector=dryRun=", false), ("dryRun=", false), ("dryRun=All", true),
    ("a=b&dryRun=All", true), ("dry%52un=All", true), ("a=%20&%64ryRun=All&c", true), ("a=%", false),
  ])
  func `only the parameter dryRun makes a dry run`(query: String, isDryRun: Bool) {
    var dark = TestAuditEvent()
    dark.level = "Metadata"
    dark.query = query
    var event = TestAuditEvent(Self.pod(Self.attached))
    event.query = query
    let result = replay([dark, event])
    #expect(result.findings.map(\.outcomeName) == [isDryRun ? "dry-run" : "written"])
    #expect(result.summary.coverage.unjudgedWrites == (isDryRun ? 0 : 1))
  }

  // MARK: - Stages

  @Test func `an event whose stage was dropped is judged`() {
    let line = TestAuditEvent(Self.pod(Self.attached)).json.replacing(#""stage":"ResponseComplete","#, with: "")
    #expect(ReplayResult.of(Array((line + "\n").utf8)).findings.count == 1)
  }

  @Test func `requests that begin and never end are no clean log`() {
    var begun = TestAuditEvent()
    begun.stage = "RequestReceived"
    begun.code = nil
    #expect(replay([begun]).summary.coverage.lacksEnds)
    #expect(!replay([begun, TestAuditEvent(Self.pod(Self.plain))]).summary.coverage.lacksEnds)
    #expect(!replay([]).summary.coverage.lacksEnds)
  }

  // MARK: - Patches

  @Test(arguments: [
    #"[{"op":"copy","from":"/spec/template/spec/securityContext","path":"/spec/template/spec/hostNetwork"}]"#,
    #"[{"op":"move","from":"/metadata/annotations","path":"/spec/template/spec"}]"#,
    #"[{"op":"copy","from":"/a","path":"/spec"}]"#, #"[{"op":"move","from":"/a","path":""}]"#,
  ])
  func `a patch that moves what the log does not show cannot be judged`(body: String) {
    let result = replay([patch(body)])
    #expect(result.findings.isEmpty)
    #expect(result.summary.coverage.judgedWrites == 0)
    #expect(
      result.summary.coverage.gaps == [CoverageGap(group: "apps", resource: "deployments", reason: .unjudgeable): 1]
    )
    let response = replay([patch(body, giving: Self.deployment(Self.attached))])
    #expect(response.findings.map(\.evidence) == [.responseObject])
    let harmless = replay([patch(#"[{"op":"copy","from":"/metadata/labels/a","path":"/metadata/labels/b"}]"#)])
    #expect(harmless.summary.coverage.gaps.isEmpty && harmless.summary.coverage.judgedWrites == 1)
  }

  @Test(arguments: [
    #"{"spec":{"template":{"spec":{"hostNetwork":null}}}}"#, #"{"spec":{"template":{"spec":{"hostNetwork":false}}}}"#,
    #"{"spec":{"template":null}}"#, #"{"spec":{"template":{"spec":{"$patch":"replace","containers":[]}}}}"#,
    #"[{"op":"remove","path":"/spec/template/spec/hostNetwork"}]"#,
    #"[{"op":"replace","path":"/spec/template","value":{"spec":{}}}]"#,
    #"[{"op":"move","from":"/spec/template/spec/hostNetwork","path":"/metadata/annotations/a"}]"#,
    #"{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{"containers":[]}}}}"#,
  ])
  func `what a patch may have taken away is introduced when it comes back`(drop: String) {
    let back = patch(#"{"spec":{"template":{"spec":{"hostNetwork":true}}}}"#)
    let result = replay([created(Self.attached), patch(drop), back])
    #expect(result.findings.map(\.previous) == [.none, .unknown])
    #expect(result.findings.last?.decision.verdict == .deny)
  }

  @Test(arguments: [
    #"{"spec":{"replicas":3}}"#, #"{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i"}]}}}}"#,
    #"[{"op":"replace","path":"/spec/replicas","value":3}]"#, #"[{"op":"test","path":"/spec","value":{}}]"#,
  ])
  func `a patch of something else leaves an object what it was`(other: String) {
    let again = patch(#"{"spec":{"template":{"spec":{"hostNetwork":true}}}}"#)
    let result = replay([created(Self.attached), patch(other), again])
    #expect(result.findings.map(\.previous) == [.none, .known])
    #expect(result.findings.last?.decision.verdict == .warn)
  }

  @Test func `a JSON Patch is what all of its operations come to`() {
    let add = #"{"op":"add","path":"/spec/template/spec/hostNetwork","value":true}"#
    for last in [
      #"{"op":"remove","path":"/spec/template/spec/hostNetwork"}"#,
      #"{"op":"replace","path":"/spec/template/spec/hostNetwork","value":false}"#,
      #"{"op":"replace","path":"/spec/template","value":{}}"#,
    ] {
      #expect(replay([patch("[\(add),\(last)]")]).findings.isEmpty)
      #expect(replay([patch("[\(last),\(add)]")]).findings.count == 1)
    }
    let tested = #"{"op":"test","path":"/spec/template/spec/hostNetwork","value":true}"#
    #expect(replay([patch("[\(add),\(tested)]")]).findings.count == 1)
  }

  // MARK: - Names

  @Test func `an object of another group with the same name has a past of its own`() {
    var custom = TestAuditEvent(
      #"{"kind":"Deployment","apiVersion":"evil.example.com/v1","metadata":{"name":"web"},"spec":\#(Self.attached)}"#
    )
    custom.resource = "deployments"
    custom.group = "evil.example.com"
    custom.name = "web"
    var update = created(Self.attached)
    update.name = "web"
    update.verb = "update"
    update.requestObject = update.requestObject?.replacing(#""metadata":{"#, with: #""metadata":{"generation":2,"#)
    update.responseObject = update.requestObject
    let result = replay([custom, update])
    #expect(result.findings.last?.previous == .unknown)
    #expect(result.findings.last?.decision.verdict == .deny)
    var old = created(Self.attached)
    old.group = "extensions"
    old.name = "web"
    #expect(replay([old, update]).findings.last?.previous == .known)
  }

  @Test func `a patch of a custom resource cannot claim to be of a group that makes no pods`() {
    let body =
      #"{"apiVersion":"kyverno.io/v1","kind":"Policy","spec":{"template":{"spec":\#(Self.attached)}}}"#
    let event = TestAuditEvent.patch(body, of: "services", group: "serving.knative.dev", giving: nil)
    #expect(replay([event]).findings.count == 1)
  }

  @Test func `a code that a pipeline turned into text is a code`() {
    let line = TestAuditEvent(Self.pod(Self.attached)).json.replacing(#""code":201"#, with: #""code":"422""#)
    #expect(ReplayResult.of(Array((line + "\n").utf8)).findings.map(\.outcomeName) == ["rejected"])
  }

  // MARK: - Times

  @Test func `the time of a log is that of all of its events, however they are wrapped`() {
    var early = TestAuditEvent(Self.pod(Self.plain))
    early.time = "2026-11-23T10:00:00.000000Z"
    early.verb = "get"
    var late = early
    late.time = "2026-11-23T20:00:00.000000Z"
    let middle = TestAuditEvent(Self.pod(Self.attached))
    for wrap in [{ $0 }, { #"{"message":\#(TestJSON.string($0).text)}"# }] as [(String) -> String] {
      let text = [early, middle, late].map { wrap($0.json) + "\n" }.joined()
      let summary = ReplayResult.of(Array(text.utf8)).summary
      #expect(summary.firstEvent == Timestamp(rfc3339: early.time))
      #expect(summary.lastEvent == Timestamp(rfc3339: late.time))
    }
  }
}

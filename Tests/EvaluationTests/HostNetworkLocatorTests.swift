// What is an attachment and what is not, by kind.

import Evaluation
import TestSupport
import Testing

@Suite struct HostNetworkLocatorTests {
  /// A kind, an object with `SPEC` where the pod spec goes, and the pointer expected.
  struct Placement: Sendable, CustomTestStringConvertible {
    let apiVersion: String
    let kind: String
    let object: String
    let pointer: String
    var testDescription: String { "\(apiVersion) \(kind)" }

    func review(_ spec: String) -> TestReview {
      TestReview(object.replacing("SPEC", with: spec), kind: kind, apiVersion: apiVersion)
    }
  }

  static let builtIn: [Placement] =
    [
      Placement(apiVersion: "v1", kind: "Pod", object: #"{"spec":SPEC}"#, pointer: "/spec/hostNetwork"),
      Placement(
        apiVersion: "v1",
        kind: "PodTemplate",
        object: #"{"template":{"spec":SPEC}}"#,
        pointer: "/template/spec/hostNetwork"
      ),
      Placement(
        apiVersion: "v1",
        kind: "ReplicationController",
        object: #"{"spec":{"template":{"spec":SPEC}}}"#,
        pointer: "/spec/template/spec/hostNetwork"
      ),
      Placement(
        apiVersion: "batch/v1",
        kind: "CronJob",
        object: #"{"spec":{"jobTemplate":{"spec":{"template":{"spec":SPEC}}}}}"#,
        pointer: "/spec/jobTemplate/spec/template/spec/hostNetwork"
      ),
      Placement(
        apiVersion: "batch/v1",
        kind: "Job",
        object: #"{"spec":{"template":{"spec":SPEC}}}"#,
        pointer: "/spec/template/spec/hostNetwork"
      ),
    ]
    + ["Deployment", "DaemonSet", "ReplicaSet", "StatefulSet"].flatMap { kind in
      ["apps/v1", "extensions/v1beta1"].map { apiVersion in
        Placement(
          apiVersion: apiVersion,
          kind: kind,
          object: #"{"spec":{"template":{"spec":SPEC}}}"#,
          pointer: "/spec/template/spec/hostNetwork"
        )
      }
    }

  static let custom: [Placement] = [
    Placement(
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      object: #"{"spec":{"template":{"spec":SPEC}}}"#,
      pointer: "/spec/template/spec/hostNetwork"
    ),
    Placement(
      apiVersion: "serving.knative.dev/v1",
      kind: "Service",
      object: #"{"spec":{"template":{"spec":SPEC}}}"#,
      pointer: "/spec/template/spec/hostNetwork"
    ),
    Placement(
      apiVersion: "kubeflow.org/v1",
      kind: "PyTorchJob",
      object: #"{"spec":{"pytorchReplicaSpecs":{"Master":{"replicas":1},"Worker":{"template":{"spec":SPEC}}}}}"#,
      pointer: "/spec/pytorchReplicaSpecs/Worker/template/spec/hostNetwork"
    ),
    Placement(
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Workflow",
      object: #"{"spec":{"templates":[{"name":"a"},SPEC]}}"#,
      pointer: "/spec/templates/1/hostNetwork"
    ),
    Placement(
      apiVersion: "example.com/v1",
      kind: "Odd",
      object: #"{"a/b":{"c~d":[[{"":SPEC}]]}}"#,
      pointer: "/a~1b/c~0d/0/0//hostNetwork"
    ),
    Placement(
      apiVersion: "apps.example.com/v1",
      kind: "Deployment",
      object: #"{"pods":[SPEC]}"#,
      pointer: "/pods/0/hostNetwork"
    ),
  ]

  @Test(arguments: builtIn + custom)
  func `a pod spec is found where its kind holds it`(placement: Placement) throws {
    let judgement = try placement.review(hostPodSpec).judged()
    #expect(judgement.verdict == .deny)
    #expect(judgement.pointers == [placement.pointer])
    #expect(judgement.decision.attachments.first?.attachment.certainty == .certain)
    #expect(try placement.review(plainPodSpec).judged().decision.rule == .noAttachment)
    let explicitlyOff = hostPodSpec.replacing("true", with: "false")
    #expect(try placement.review(explicitlyOff).judged().decision.rule == .noAttachment)
    let unset = hostPodSpec.replacing("true", with: "null")
    #expect(try placement.review(unset).judged().decision.rule == .noAttachment)
  }

  @Test(arguments: builtIn, [#""true""#, "1", "{}", "[true]"])
  func `a value the API server would refuse cannot be judged`(placement: Placement, value: String) throws {
    let spec = hostPodSpec.replacing("true", with: value)
    let error = #expect(throws: EvaluationError.self) { try placement.review(spec).judged() }
    guard case .hostNetworkNotBoolean(let pointer, _) = error else {
      Issue.record("unexpected \(String(describing: error))")
      return
    }
    #expect(pointer == placement.pointer)
  }

  @Test func `a built-in kind is only searched at its path`() throws {
    let object = #"{"spec":{"containers":[{"name":"c","x":\#(hostPodSpec)}]},"data":\#(hostPodSpec)}"#
    #expect(try TestReview(object).judged().decision.rule == .noAttachment)
  }

  @Test(arguments: [
    ("monitoring.coreos.com/v1", "Prometheus", #"{"spec":{"hostNetwork":true}}"#, "/spec/hostNetwork"),
    ("argoproj.io/v1alpha1", "Workflow", #"{"spec":{"hostNetwork":true,"templates":[]}}"#, "/spec/hostNetwork"),
    (
      "sparkoperator.k8s.io/v1beta2", "SparkApplication", #"{"spec":{"driver":{"hostNetwork":true}}}"#,
      "/spec/driver/hostNetwork"
    ),
    ("example.com/v1", "K", #"{"spec":{"hostNetwork":true,"containers":[]}}"#, "/spec/hostNetwork"),
    ("example.com/v1", "K", #"{"spec":{"hostNetwork":true,"containers":["a"]}}"#, "/spec/hostNetwork"),
    (
      "template.openshift.io/v1", "Template", #"{"objects":[{"hostNetwork":"${{HOST}}","containers":[{}]}]}"#,
      "/objects/0/hostNetwork"
    ),
  ])
  func `a field without containers is possible: warned about, never denied`(
    apiVersion: String,
    kind: String,
    object: String,
    pointer: String
  ) throws {
    let judgement = try TestReview(object, kind: kind, apiVersion: apiVersion).judged()
    #expect(judgement.verdict == .warn)
    #expect(judgement.pointers == [pointer])
    #expect(judgement.decision.attachments.first?.attachment.certainty == .possible)
    #expect(judgement.events.map(\.riskScore) == [21])
  }

  @Test(arguments: [
    ("constraints.gatekeeper.sh/v1beta1", "K8sPSPHostNetworkingPorts"),
    ("templates.gatekeeper.sh/v1", "ConstraintTemplate"),
    ("expansion.gatekeeper.sh/v1beta1", "ExpansionTemplate"), ("kyverno.io/v1", "ClusterPolicy"),
    ("policies.kyverno.io/v1", "ValidatingPolicy"), ("policies.kubewarden.io/v1", "ClusterAdmissionPolicy"),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"), ("policy/v1beta1", "PodSecurityPolicy"),
    ("security.openshift.io/v1", "SecurityContextConstraints"), ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("v1", "ConfigMap"), ("v1", "Secret"), ("apps/v1", "ControllerRevision"),
  ])
  func `an object that speaks about pods attaches none`(apiVersion: String, kind: String) throws {
    let object = #"{"spec":{"parameters":{"hostNetwork":true},"pod":\#(hostPodSpec)},"data":\#(hostPodSpec)}"#
    #expect(try TestReview(object, kind: kind, apiVersion: apiVersion).judged().decision.rule == .noAttachment)
  }

  @Test func `text and metadata are never an attachment`() throws {
    let text = #""{\"hostNetwork\":true,\"containers\":[{}]}""#
    let object = #"{"metadata":{"annotations":{"a":\#(text)},"x":\#(hostPodSpec)},"spec":{"text":\#(text)}}"#
    #expect(try TestReview(object, kind: "K", apiVersion: "example.com/v1").judged().decision.rule == .noAttachment)
  }

  @Test func `of duplicate keys the last counts`() throws {
    let on = #"{"hostNetwork":false,"hostNetwork":true,"containers":[{}]}"#
    let off = #"{"hostNetwork":true,"hostNetwork":false,"containers":[{}]}"#
    #expect(try TestReview(#"{"spec":\#(on)}"#).judged().verdict == .deny)
    #expect(try TestReview(#"{"spec":\#(off)}"#).judged().verdict == .allow)
    #expect(try TestReview(#"{"s":\#(on)}"#, kind: "K", apiVersion: "e.com/v1").judged().verdict == .deny)
    #expect(try TestReview(#"{"s":\#(off)}"#, kind: "K", apiVersion: "e.com/v1").judged().verdict == .allow)
  }

  @Test func `an attachment names containers, node ports and what makes it worse`() throws {
    let spec = """
      {"hostNetwork":true,"hostPID":true,"hostIPC":true,
       "containers":[{"name":"a","image":"i/a:1","ports":[{"containerPort":9100},{"containerPort":53,"protocol":"UDP"}],
         "securityContext":{"privileged":true,"capabilities":{"add":["net_raw"]}}}],
       "initContainers":[{"name":"b","image":"i/b:2","securityContext":{"capabilities":{"add":["ALL"],"drop":["X"]}}}],
       "ephemeralContainers":[{"name":"d","image":"i/d:3"}]}
      """
    let attachment = try #require(try TestReview(#"{"spec":\#(spec)}"#).judged().decision.attachments.first?.attachment)
    #expect(attachment.containers.map(\.name) == ["a", "b", "d"])
    #expect(attachment.containers.map(\.image) == ["i/a:1", "i/b:2", "i/d:3"])
    #expect(attachment.hostPorts == ["9100/TCP", "53/UDP"])
    #expect(Set(attachment.aggravations) == [.hostIPC, .hostPID, .netAdmin, .netRaw, .privileged])
  }

  @Test func `more places than are kept apart cannot be judged`() throws {
    let places = Array(repeating: #"{"hostNetwork":true}"#, count: EvaluationLimits.attachmentsMax)
    func review(_ places: [String]) -> TestReview {
      TestReview(#"{"p":[\#(places.joined(separator: ","))]}"#, kind: "K", apiVersion: "e.com/v1")
    }
    #expect(try review(places).judged().pointers.count == EvaluationLimits.attachmentsMax)
    #expect(throws: EvaluationError.tooManyAttachments(limit: EvaluationLimits.attachmentsMax)) {
      try review(places + [#"{"hostNetwork":true}"#]).judged()
    }
  }

  @Test func `attachments nested thousands deep are bounded, not quadratic`() throws {
    let deep =
      String(repeating: #"{"hostNetwork":true,"a":"#, count: 5_000) + "1" + String(repeating: "}", count: 5_000)
    #expect(throws: EvaluationError.self) {
      try TestReview(#"{"s":\#(deep)}"#, kind: "K", apiVersion: "e.com/v1").judged()
    }
  }

  // MARK: - Properties

  @Test func `unrelated fields never change the verdict`() throws {
    for seed in 0..<300 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let extra = TestJSON.random(depth: 4, using: &generator).text
      let isAttached = Bool.random(using: &generator)
      let spec = isAttached ? hostPodSpec : plainPodSpec
      let placement = try #require((Self.builtIn + Self.custom).randomElement(using: &generator))
      let bare = try placement.review(spec).judged()
      var around = placement.review(spec.replacing("{\"name\":\"c\"", with: "{\"extra\":\(extra),\"name\":\"c\""))
      around.object = around.object.dropLast() + ",\"unrelated\":\(extra)}"
      let judgement = try around.judged()
      #expect(judgement.verdict == bare.verdict, "seed \(seed)")
      #expect(judgement.pointers == bare.pointers, "seed \(seed)")
    }
  }

  @Test func `moving a pod spec deeper never hides it`() throws {
    for seed in 0..<300 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var value = hostPodSpec
      var pointer = "/hostNetwork"
      for _ in 0..<Int.random(in: 1...60, using: &generator) {
        let noise = TestJSON.random(depth: 2, using: &generator).text
        if Bool.random(using: &generator) {
          value = #"{"noise":\#(noise),"k":\#(value)}"#
          pointer = "/k\(pointer)"
        } else {
          value = "[\(noise),\(value)]"
          pointer = "/1\(pointer)"
        }
      }
      let judgement = try TestReview(#"{"spec":\#(value)}"#, kind: "K", apiVersion: "e.com/v1").judged()
      #expect(judgement.verdict == .deny, "seed \(seed)")
      #expect(judgement.pointers == ["/spec\(pointer)"], "seed \(seed)")
    }
  }
}

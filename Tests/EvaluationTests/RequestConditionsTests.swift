// Who and what an exemption means: each condition, and the ways round it that are closed.

import TestSupport
import Testing

@testable import Evaluation

/// A request for one attachment, every field with a sensible value.
struct TestRequest {
  var operation = Evaluation.Operation.create
  var kind = GroupVersionKind(apiVersion: "v1", kind: "Pod")
  var namespace = "monitoring"
  var name = "node-exporter-x7k2p"
  var generateName = ""
  var controller: OwnerReference?
  var username = "alice"
  var groups = ["devs"]
  var images = ["quay.io/prometheus/node-exporter:v1.8"]
  var time = Judgement.time

  var subject: RequestSubject {
    RequestSubject(
      uid: "1",
      time: time,
      operation: operation,
      subresource: "",
      isDryRun: false,
      kind: kind,
      namespace: namespace,
      name: name,
      generateName: generateName,
      controller: controller,
      objectUID: "",
      user: UserInfo(username: username, groups: groups),
      sourceIP: nil
    )
  }

  var attachment: HostNetworkAttachment {
    HostNetworkAttachment(
      certainty: .certain,
      pointer: "/spec/hostNetwork",
      field: "spec.hostNetwork",
      containers: images.map { HostNetworkAttachment.Container(name: "c", image: $0) },
      hostPorts: [],
      aggravations: []
    )
  }

  func failure(_ change: (inout RequestConditions) -> Void) -> RequestConditions.Condition? {
    var conditions = RequestConditions()
    change(&conditions)
    return conditions.firstFailure(subject, attachment)
  }
}

@Suite struct RequestConditionsTests {
  private static let daemonSetController = "system:serviceaccount:kube-system:daemon-set-controller"

  @Test func `all conditions must hold, and of each one pattern`() {
    let request = TestRequest()
    #expect(
      request.failure {
        $0.namespaces = [Glob("kube-*"), Glob("monitoring")]
        $0.users = [Glob("alice")]
      } == nil
    )
    #expect(
      request.failure {
        $0.namespaces = [Glob("monitoring")]
        $0.users = [Glob("bob")]
      } == .users
    )
    #expect(request.failure { $0.groups = [Glob("ops"), Glob("dev?")] } == nil)
    #expect(request.failure { $0.groups = [Glob("ops")] } == .groups)
    #expect(request.failure { $0.names = [Glob("node-exporter-*")] } == nil)
    #expect(request.failure { $0.names = [Glob("node-exporter")] } == .names)
  }

  @Test func `of a cluster-scoped object only a star matches the namespace`() {
    var request = TestRequest()
    request.namespace = ""
    #expect(request.failure { $0.namespaces = [Glob("*")] } == nil)
    #expect(request.failure { $0.namespaces = [Glob("monitoring"), Glob("?*")] } == .namespaces)
  }

  @Test(arguments: [
    ("Pod", "v1", "Pod", true), ("core/Pod", "v1", "Pod", true), ("core/Pod", "example.com/v1", "Pod", false),
    ("Pod", "example.com/v1", "Pod", true), ("apps/*Set", "apps/v1", "DaemonSet", true),
    ("apps/*", "batch/v1", "Job", false), ("*.argoproj.io/*", "argoproj.io/v1", "Rollout", false),
    ("argoproj.io/Rollout", "argoproj.io/v1alpha1", "Rollout", true),
  ])
  func `a kind is meant in any group or in one`(pattern: String, apiVersion: String, kind: String, isMatch: Bool) {
    #expect(KindPattern(pattern).matches(GroupVersionKind(apiVersion: apiVersion, kind: kind)) == isMatch)
    #expect(KindPattern(pattern).text == pattern)
  }

  @Test(arguments: [
    ("ci/deployer", "system:serviceaccount:ci:deployer", true),
    ("system:serviceaccount:ci:deployer", "system:serviceaccount:ci:deployer", true),
    ("ci/*", "system:serviceaccount:ci:deployer", true), ("*/deployer", "system:serviceaccount:ci:deployer", true),
    ("ci/deployer", "ci/deployer", false), ("ci/deployer", "system:serviceaccount:ci-eu:deployer", false),
    ("*/deployer", "system:serviceaccount:ci:evil:deployer", false), ("ci/*", "system:serviceaccount:ci", false),
    ("ci/*", "xsystem:serviceaccount:ci:deployer", false),
  ])
  func `a service account is meant by namespace and name`(pattern: String, user: String, isMatch: Bool) {
    #expect(ServiceAccountPattern(pattern)?.matches(user) == isMatch)
  }

  @Test(arguments: ["deployer", "", "a/b/c", "/b", "a/", "system:serviceaccount:ci", "system:serviceaccount:a:b:c"])
  func `what is no service account is no pattern of one`(text: String) {
    #expect(ServiceAccountPattern(text) == nil)
  }

  @Test func `every image must match, and a pod without containers matches none`() {
    let exempt: (inout RequestConditions) -> Void = { $0.images = [Glob("quay.io/prometheus/node-exporter:*")] }
    var request = TestRequest()
    #expect(request.failure(exempt) == nil)
    request.images.append("docker.io/evil:1")
    #expect(request.failure(exempt) == .images)
    request.images = ["docker.io/evil:1", "quay.io/prometheus/node-exporter:v1.8"]
    #expect(request.failure(exempt) == .images)
    request.images = [""]
    #expect(request.failure(exempt) == .images)
    request.images = []
    #expect(request.failure(exempt) == .images)
    #expect(request.failure { $0.images = [Glob("*")] } == .images)
  }

  @Test(arguments: [
    (Self.daemonSetController, true), ("system:kube-controller-manager", true), ("alice", false),
    ("system:serviceaccount:kube-systemx:a", false), ("system:serviceaccount:payments:daemon-set-controller", false),
    ("system:node:node-1", false),
  ])
  func `an owner is believed of a controller and of nobody else`(user: String, isBelieved: Bool) {
    var request = TestRequest()
    request.username = user
    request.controller = OwnerReference(kind: "DaemonSet", name: "node-exporter")
    let workload = WorkloadPattern(kind: Glob("DaemonSet"), name: Glob("node-exporter"))
    #expect((request.failure { $0.ownerWorkloads = [workload] } == nil) == isBelieved)
    // Of a user whom the same exemption names, it is.
    let named = request.failure {
      $0.ownerWorkloads = [workload]
      $0.users = [Glob(user)]
    }
    #expect(named == nil)
  }

  @Test func `an owner workload is also the workload itself`() {
    var request = TestRequest()
    request.kind = GroupVersionKind(apiVersion: "apps/v1", kind: "DaemonSet")
    request.name = "node-exporter"
    let workload = WorkloadPattern(kind: Glob("DaemonSet"), name: Glob("node-exporter"))
    #expect(request.failure { $0.ownerWorkloads = [workload] } == nil)
    request.kind.kind = "Deployment"
    #expect(request.failure { $0.ownerWorkloads = [workload] } == .ownerWorkloads)
  }

  @Test(arguments: [
    ("backup-*", nil), ("backup-?????", nil), ("*", nil), ("backup-x7k2p", RequestConditions.Condition.names),
    ("backup-????", .names), ("backup-", .names), ("*p", .names),
  ])
  func `with generateName every name that could come of it must match`(
    pattern: String,
    failure: RequestConditions.Condition?
  ) {
    var request = TestRequest()
    request.generateName = "backup-"
    // Whether the door knows the name that was made or not.
    for name in ["", "backup-x7k2p"] {
      request.name = name
      #expect(request.failure { $0.names = [Glob(pattern)] } == failure)
    }
    request.operation = .update
    request.name = "backup-x7k2p"
    #expect(request.failure { $0.names = [Glob("backup-x7k2p")] } == nil)
  }

  @Test(arguments: ["evil", "backup-evil", "backup-x7k2pq", "backup-X7k2p", "backup-aaaaa", "backup-"])
  func `beside a name that the requester chose generateName frees nothing`(name: String) {
    var request = TestRequest()
    request.generateName = "backup-"
    request.name = name
    #expect(request.failure { $0.names = [Glob("backup-?????")] } == (name.utf8.count == 12 ? nil : .names))
    request.generateName = "exempt-"
    #expect(request.failure { $0.names = [Glob("exempt-*")] } == .names)
    #expect(request.failure { $0.names = [Glob(name)] } == nil)
    #expect(
      request.failure { $0.ownerWorkloads = [WorkloadPattern(kind: Glob("Pod"), name: Glob("exempt-*"))] }
        == .ownerWorkloads
    )
  }
}

// Which resources of an audit log can put pods on the node's network.

internal import Evaluation
internal import Glibc
internal import JSONDocument

/// What a resource has to do with pods.
enum AuditedResource: Equatable {
  /// Pods, or a built-in kind that makes them: the place in `workloads`.
  case workload(Int)
  /// A custom resource, which may make pods.
  case custom
  /// Nothing.
  case other

  /// The nine built-in kinds, by the group and resource of the API (Kubernetes API reference); pods come first.
  static let workloads: [(group: StaticString, resource: StaticString, kind: StaticString)] = [
    ("", "pods", "Pod"), ("", "podtemplates", "PodTemplate"), ("", "replicationcontrollers", "ReplicationController"),
    ("apps", "deployments", "Deployment"), ("apps", "daemonsets", "DaemonSet"), ("apps", "replicasets", "ReplicaSet"),
    ("apps", "statefulsets", "StatefulSet"), ("batch", "jobs", "Job"), ("batch", "cronjobs", "CronJob"),
    ("extensions", "deployments", "Deployment"), ("extensions", "daemonsets", "DaemonSet"),
    ("extensions", "replicasets", "ReplicaSet"),
  ]

  /// Pods themselves.
  static let pods = AuditedResource.workload(0)

  /// The subresources that the evaluator judges beside the object itself.
  static let judgedSubresources: [StaticString] = ["ephemeralcontainers", "resize"]

  /// Classifies a resource by its group and name, as `objectRef` has them.
  init(group: UnsafeRawBufferPointer, resource: UnsafeRawBufferPointer) {
    for place in Self.workloads.indices
    where unsafe PlainEvent.equals(resource, Self.workloads[place].resource)
      && PlainEvent.equals(group, Self.workloads[place].group)
    {
      self = .workload(place)
      return
    }
    self = unsafe Self.isCustom(group) ? .custom : .other
  }

  /// As above.
  init(group: String, resource: String) {
    var (group, resource) = (group, resource)
    self = group.withUTF8 { group in
      resource.withUTF8 { resource in
        unsafe AuditedResource(group: UnsafeRawBufferPointer(group), resource: UnsafeRawBufferPointer(resource))
      }
    }
  }

  /// The kind of a built-in resource.
  var kind: String? { kindName?.description }

  /// As above, without a copy.
  var kindName: StaticString? {
    guard case .workload(let place) = self else { return nil }
    return Self.workloads[place].kind
  }

  /// Whether an object is one of this resource as it is stored, and not something else that was sent back.
  func isWhole(_ object: borrowing JSONValue) -> Bool {
    guard let kindName else { return true }
    guard object.member("kind")?.equals(kindName) ?? true else { return false }
    return object.object(kindName.description == "PodTemplate" ? "template" : "spec") != nil
  }

  /// Whether a group is one of custom resources that may make pods.
  ///
  /// Groups of Kubernetes itself have no dot or end in `.k8s.io`; custom resources of Kubernetes' own projects live under
  /// `x-k8s.io`. Groups that only speak about pods are the evaluator's to name.
  private static func isCustom(_ group: UnsafeRawBufferPointer) -> Bool {
    guard let base = group.baseAddress, unsafe memchr(base, 0x2E, group.count) != nil else {
      return false
    }
    let name = unsafe String(decoding: group, as: UTF8.self)
    guard !name.hasSuffix(".k8s.io") || name.hasSuffix(".x-k8s.io") else { return false }
    return PodSpecPlacement.of(GroupVersionKind(group: name, version: "", kind: "")) != .nowhere
  }
}

// THE table of where pod specs sit. A new kind is one line here.

/// Where an object of some kind holds pod specs.
package enum PodSpecPlacement: Sendable, Equatable {
  /// Exactly there: a built-in kind, whose other fields the API server drops or refuses.
  case path(PodSpecPath)
  /// Anywhere: a kind Hostfence does not know.
  case anywhere
  /// Nowhere: the kind cannot make pods, it only speaks about them.
  case nowhere

  /// The placement for a kind; the version does not matter.
  package static func of(_ kind: GroupVersionKind) -> PodSpecPlacement {
    switch kind.group {
    case "": ofCoreKind(kind.kind)
    case "apps", "extensions": ofAppsKind(kind.kind)
    case "batch": ofBatchKind(kind.kind)
    // Gatekeeper, Kyverno and Kubewarden policies, webhooks and CRD schemas describe pods that others may not make.
    case "constraints.gatekeeper.sh", "templates.gatekeeper.sh", "expansion.gatekeeper.sh", "kyverno.io",
      "policies.kyverno.io", "policies.kubewarden.io", "admissionregistration.k8s.io", "apiextensions.k8s.io":
      .nowhere
    case "policy": kind.kind == "PodSecurityPolicy" ? .nowhere : .anywhere
    case "security.openshift.io": kind.kind == "SecurityContextConstraints" ? .nowhere : .anywhere
    default: .anywhere
    }
  }

  /// The kinds of Kubernetes itself that make pods.
  package static let builtInKinds = [
    ("", "v1", ["Pod", "PodTemplate", "ReplicationController"]),
    ("apps", "v1", ["Deployment", "DaemonSet", "ReplicaSet", "StatefulSet"]),
    ("batch", "v1", ["Job", "CronJob"]),
    ("extensions", "v1beta1", ["Deployment", "DaemonSet", "ReplicaSet"]),
  ].flatMap { group, version, kinds in
    kinds.map { GroupVersionKind(group: group, version: version, kind: $0) }
  }

  private static func ofCoreKind(_ kind: String) -> PodSpecPlacement {
    switch kind {
    case "Pod": .path(.spec)
    case "PodTemplate": .path(.template)
    case "ReplicationController": .path(.specTemplate)
    // Plain text and bytes, whatever they spell.
    case "ConfigMap", "Secret", "SecurityContextConstraints": .nowhere
    default: .anywhere
    }
  }

  private static func ofAppsKind(_ kind: String) -> PodSpecPlacement {
    switch kind {
    case "Deployment", "DaemonSet", "ReplicaSet", "StatefulSet": .path(.specTemplate)
    // The history of a DaemonSet or StatefulSet; a rollback is an update of that object and judged there.
    case "ControllerRevision", "PodSecurityPolicy": .nowhere
    default: .anywhere
    }
  }

  private static func ofBatchKind(_ kind: String) -> PodSpecPlacement {
    switch kind {
    case "Job": .path(.specTemplate)
    case "CronJob": .path(.jobTemplate)
    default: .anywhere
    }
  }
}

/// The way from an object to its pod spec, for the built-in kinds.
package enum PodSpecPath: Sendable, CaseIterable {
  case spec
  case template
  case specTemplate
  case jobTemplate

  /// The JSON Pointer of the pod spec, as in `/spec/template/spec`.
  package var pointer: String { keys.map { "/\($0)" }.joined() }

  /// The keys that lead there.
  package var keys: [StaticString] {
    switch self {
    case .spec: ["spec"]
    case .template: ["template", "spec"]
    case .specTemplate: ["spec", "template", "spec"]
    case .jobTemplate: ["spec", "jobTemplate", "spec", "template", "spec"]
    }
  }
}

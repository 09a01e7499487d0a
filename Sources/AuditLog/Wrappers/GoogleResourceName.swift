// Google Kubernetes Engine: the path by which an audit log names an object.

/// `core/v1/namespaces/NAMESPACE/pods/NAME/SUBRESOURCE`, `apps/v1/…`, `core/v1/nodes/NAME`.
struct GoogleResourceName {
  private(set) var group = ""
  private(set) var version = ""
  private(set) var namespace: String?
  private(set) var resource: String?
  private(set) var name: String?
  private(set) var subresource: String?

  /// The version as objects write it.
  var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// Reads a path; one that is no object's (`healthz`) has no resource.
  init(_ path: String) {
    // Seven parts are a subresource's; what follows them is a path of its own (that of a proxy).
    var parts = path.split(separator: "/", maxSplits: 7).map(String.init)[...]
    guard parts.count >= 3, let group = parts.popFirst(), let version = parts.popFirst() else { return }
    self.group = group == "core" ? "" : group
    self.version = version
    // A namespace is an object itself, and has subresources of its own (k8s.io/apiserver, pkg/endpoints/request).
    if parts.count >= 3, parts.first == "namespaces", !["status", "finalize"].contains(parts[parts.startIndex + 2]) {
      namespace = parts[parts.startIndex + 1]
      parts = parts.dropFirst(2)
    }
    resource = parts.popFirst()
    name = parts.popFirst()
    subresource = parts.popFirst()
    if resource == "namespaces" { namespace = name }
  }
}

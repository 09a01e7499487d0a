// How Kubernetes names a kind: group, version, kind.

/// A kind of object, as in `apps/v1, Deployment`; the core group is the empty string.
package struct GroupVersionKind: Sendable, Hashable {
  package var group: String
  package var version: String
  package var kind: String

  /// Creates a kind from its three names.
  package init(group: String, version: String, kind: String) {
    self.group = group
    self.version = version
    self.kind = kind
  }

  /// Creates a kind from an object's `apiVersion` (`v1`, `apps/v1`) and `kind`.
  package init(apiVersion: String, kind: String) {
    let parts = apiVersion.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 {
      self.init(group: String(parts[0]), version: String(parts[1]), kind: kind)
    } else {
      self.init(group: "", version: apiVersion, kind: kind)
    }
  }

  /// `v1` or `apps/v1`.
  package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
}

// Patterns for more than a name: kinds, service accounts, workloads.

/// A kind in any group (`Deployment`), or of one (`apps/Deployment`; the core group is written `core`).
package struct KindPattern: Sendable, Hashable {
  /// Nil for every group.
  package let group: Glob?
  package let kind: Glob

  /// Reads `Kind` or `group/Kind`.
  package init(_ text: String) {
    if let slash = text.firstIndex(of: "/") {
      let name = text[..<slash]
      group = Glob(name == "core" ? "" : String(name))
      kind = Glob(String(text[text.index(after: slash)...]))
    } else {
      group = nil
      kind = Glob(text)
    }
  }

  /// Whether one kind of one group is meant.
  package var isLiteral: Bool { kind.isLiteral && group?.isLiteral ?? false }

  /// As written.
  package var text: String {
    guard let group else { return kind.text }
    return "\(group.text.isEmpty ? "core" : group.text)/\(kind.text)"
  }

  /// Whether a kind is meant; the version does not matter.
  package func matches(_ kind: GroupVersionKind) -> Bool {
    self.kind.matches(kind.kind) && (group?.matches(kind.group) ?? true)
  }
}

/// Service accounts, as `namespace/name` or `system:serviceaccount:namespace:name`.
package struct ServiceAccountPattern: Sendable, Hashable {
  private static let prefix = "system:serviceaccount:"

  package let namespace: Glob
  package let name: Glob

  /// Reads either form; nil when `text` is neither.
  package init?(_ text: String) {
    let isUsername = text.hasPrefix(Self.prefix)
    let parts = (isUsername ? text.dropFirst(Self.prefix.count) : text[...])
      .split(separator: isUsername ? ":" : "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    namespace = Glob(String(parts[0]))
    name = Glob(String(parts[1]))
  }

  /// Whether a user is one of these accounts (Kubernetes, Authenticating: service account tokens).
  package func matches(_ username: String) -> Bool {
    guard username.hasPrefix(Self.prefix) else { return false }
    let parts = username.dropFirst(Self.prefix.count).split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && namespace.matches(String(parts[0])) && name.matches(String(parts[1]))
  }

  /// The username of the accounts, wildcards and all.
  package var username: String { "\(Self.prefix)\(namespace.text):\(name.text)" }
}

/// Workloads by kind and name.
package struct WorkloadPattern: Sendable, Hashable {
  package let kind: Glob
  package let name: Glob

  /// Creates a pattern.
  package init(kind: Glob, name: Glob) {
    self.kind = kind
    self.name = name
  }

  func matches(kind: String, name: String) -> Bool { self.kind.matches(kind) && self.name.matches(name) }
}

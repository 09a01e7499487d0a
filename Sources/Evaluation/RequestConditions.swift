// Who and what an exemption or a risk factor is about.

/// Conditions on a request and one attachment of it: all that are given must hold, and one of the patterns of each.
///
/// Labels and annotations are no condition: whoever writes an object writes its labels.
package struct RequestConditions: Sendable, Hashable {
  /// The conditions by the names of the policy file, in the order in which they are tried.
  package enum Condition: String, Sendable, CaseIterable {
    case namespaces, names, kinds, users, groups, serviceAccounts, ownerWorkloads, images
  }

  /// The object's namespace; a cluster-scoped object has the empty one, which only `*` matches.
  package var namespaces: [Glob] = []
  /// The object's name; on a create with `generateName`, every name that could come of it must match.
  package var names: [Glob] = []
  package var kinds: [KindPattern] = []
  /// The requester's name.
  package var users: [Glob] = []
  /// One of the requester's groups.
  package var groups: [Glob] = []
  /// The requester, when it is a service account.
  package var serviceAccounts: [ServiceAccountPattern] = []
  /// The workload that the object is, or that controls it.
  package var ownerWorkloads: [WorkloadPattern] = []
  /// The images of the attached pod: *every* one must match, init and ephemeral containers included.
  ///
  /// Of custom resources only those are believed whose kind is named without wildcards beside them: most controllers add
  /// containers to the pod that the resource does not show.
  package var images: [Glob] = []

  /// Creates conditions that hold for everything.
  package init() {}

  /// Whether no condition is given.
  package var isEmpty: Bool { self == RequestConditions() }

  /// The conditions that are given.
  package var given: [Condition] { Condition.allCases.filter { patternCount($0) > 0 } }

  /// The first condition that does not hold; nil when all do.
  package func firstFailure(_ subject: RequestSubject, _ attachment: HostNetworkAttachment) -> Condition? {
    Condition.allCases.first { !holds($0, subject, attachment) }
  }

  /// All conditions that do not hold.
  package func failures(_ subject: RequestSubject, _ attachment: HostNetworkAttachment) -> [Condition] {
    given.filter { !holds($0, subject, attachment) }
  }

  private func holds(_ condition: Condition, _ subject: RequestSubject, _ attachment: HostNetworkAttachment) -> Bool {
    guard patternCount(condition) > 0 else { return true }
    return switch condition {
    case .namespaces: namespaces.matchAny(subject.namespace)
    case .names: names.matchAny(subject.matchedName)
    case .kinds: kinds.contains { $0.matches(subject.kind) }
    case .users: users.matchAny(subject.user.username)
    case .groups: subject.user.groups.contains { groups.matchAny($0) }
    case .serviceAccounts: serviceAccounts.contains { $0.matches(subject.user.username) }
    case .ownerWorkloads: ownsWorkload(subject)
    case .images:
      // Without containers nobody knows what will run.
      showsAllImages(subject.kind) && !attachment.containers.isEmpty
        && attachment.containers.allSatisfy { images.matchAny($0.image) }
    }
  }

  /// An object's word about its owner is believed of Kubernetes' own controllers, and of users whom the same conditions
  /// name: anybody else could write it to be let through.
  private func ownsWorkload(_ subject: RequestSubject) -> Bool {
    if ownerWorkloads.contains(where: { $0.matches(kind: subject.kind.kind, name: subject.matchedName) }) {
      return true
    }
    guard let owner = subject.controller, subject.user.isController || namesRequester else { return false }
    return ownerWorkloads.contains { $0.matches(kind: owner.kind, name: owner.name) }
  }

  private func showsAllImages(_ kind: GroupVersionKind) -> Bool {
    if case .path = PodSpecPlacement.of(kind) { return true }
    return kinds.contains { $0.isLiteral && $0.matches(kind) }
  }

  private var namesRequester: Bool {
    !serviceAccounts.isEmpty || !users.isEmpty && !users.contains(where: \.isOnlyWildcards)
  }

  private func patternCount(_ condition: Condition) -> Int {
    switch condition {
    case .namespaces: namespaces.count
    case .names: names.count
    case .kinds: kinds.count
    case .users: users.count
    case .groups: groups.count
    case .serviceAccounts: serviceAccounts.count
    case .ownerWorkloads: ownerWorkloads.count
    case .images: images.count
    }
  }

  /// The patterns of a condition, as text.
  package func patterns(_ condition: Condition) -> [String] {
    switch condition {
    case .namespaces: namespaces.map(\.text)
    case .names: names.map(\.text)
    case .kinds: kinds.map(\.text)
    case .users: users.map(\.text)
    case .groups: groups.map(\.text)
    case .serviceAccounts: serviceAccounts.map(\.username)
    case .ownerWorkloads: ownerWorkloads.map { "\($0.kind.text) \($0.name.text)" }
    case .images: images.map(\.text)
    }
  }

  /// Whether every condition that is given has a pattern of wildcards only; so do conditions of which none is given.
  package var areOnlyWildcards: Bool {
    given.allSatisfy { condition in
      switch condition {
      case .namespaces: namespaces.contains(where: \.isOnlyWildcards)
      case .names: names.contains(where: \.isOnlyWildcards)
      case .kinds: kinds.contains { $0.kind.isOnlyWildcards && $0.group?.isOnlyWildcards ?? true }
      case .users: users.contains(where: \.isOnlyWildcards)
      case .groups: groups.contains(where: \.isOnlyWildcards)
      case .serviceAccounts: serviceAccounts.contains { $0.namespace.isOnlyWildcards && $0.name.isOnlyWildcards }
      case .ownerWorkloads: ownerWorkloads.contains { $0.kind.isOnlyWildcards && $0.name.isOnlyWildcards }
      case .images: images.contains(where: \.isOnlyWildcards)
      }
    }
  }
}

extension UserInfo {
  /// Whether this is one of Kubernetes' own controllers, which set `ownerReferences` themselves.
  ///
  /// Source: kube-controller-manager runs as `system:kube-controller-manager`, or with
  /// `--use-service-account-credentials` as one service account of `kube-system` per controller.
  package var isController: Bool {
    username == "system:kube-controller-manager" || username.hasPrefix("system:serviceaccount:kube-system:")
  }
}

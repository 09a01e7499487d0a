// Finds the exemption for an attachment without trying them all.

/// The exemptions of a policy, findable by what their patterns begin with.
///
/// Each exemption is filed under one of its conditions: under every pattern's literal prefix, and of its conditions the
/// one that it shares with the fewest others. A request looks up its own names, cut to the lengths that occur. Only
/// exemptions all of whose conditions begin with a wildcard are tried every time.
struct ExemptionIndex: Sendable, Equatable {
  private typealias Condition = RequestConditions.Condition

  private struct Key: Hashable {
    let condition: Condition
    let text: String
    /// Whether the text is the whole pattern.
    let isWhole: Bool
  }

  let exemptions: [Exemption]
  private var filed: [Key: [Int]] = [:]
  private var prefixLengths: [Condition: [Int]] = [:]
  private var unfiled: [Int] = []

  /// Files exemptions, which keep their order: the first that matches decides.
  init(_ exemptions: [Exemption]) {
    self.exemptions = exemptions
    let keys = exemptions.map { exemption in
      exemption.conditions.given.compactMap { Self.keys(exemption.conditions, $0) }
    }
    var uses: [Key: Int] = [:]
    for key in keys.joined().joined() { uses[key, default: 0] += 1 }
    for (index, candidates) in keys.enumerated() {
      let rarest = candidates.min { crowd($0, uses) < crowd($1, uses) }
      guard let rarest else {
        unfiled.append(index)
        continue
      }
      for key in Set(rarest) {
        filed[key, default: []].append(index)
        let length = key.text.utf8.count
        if !key.isWhole, !prefixLengths[key.condition, default: []].contains(length) {
          prefixLengths[key.condition, default: []].append(length)
        }
      }
    }
  }

  /// The first exemption that is in force and frees an attachment.
  func first(for subject: RequestSubject, _ attachment: HostNetworkAttachment) -> Exemption? {
    guard !exemptions.isEmpty else { return nil }
    var found: Int?
    func consider(_ indices: [Int]) {
      for index in indices where index < found ?? .max {
        let exemption = exemptions[index]
        if exemption.isInForce(at: subject.time), exemption.conditions.firstFailure(subject, attachment) == nil {
          found = index
          // They are in order, so the rest of these come later.
          return
        }
      }
    }
    func look(_ condition: Condition, _ text: String) {
      if let indices = filed[Key(condition: condition, text: text, isWhole: true)] { consider(indices) }
      guard let lengths = prefixLengths[condition] else { return }
      let utf8 = text.utf8
      for length in lengths where length <= utf8.count {
        let prefix = Substring(utf8.prefix(length))
        if let indices = filed[Key(condition: condition, text: String(prefix), isWhole: false)] { consider(indices) }
      }
    }
    consider(unfiled)
    guard !filed.isEmpty else { return found.map { exemptions[$0] } }
    look(.namespaces, subject.namespace)
    let name = subject.matchedName
    look(.names, name)
    look(.kinds, subject.kind.kind)
    look(.users, subject.user.username)
    for group in subject.user.groups { look(.groups, group) }
    look(.serviceAccounts, subject.user.username)
    look(.ownerWorkloads, name)
    if let owner = subject.controller { look(.ownerWorkloads, owner.name) }
    if let image = attachment.containers.first?.image { look(.images, image) }
    return found.map { exemptions[$0] }
  }

  /// How many exemptions lie under the fullest of the keys.
  private func crowd(_ keys: [Key], _ uses: [Key: Int]) -> Int { keys.map { uses[$0] ?? 0 }.max() ?? .max }

  /// The keys of one condition; nil when a pattern begins with a wildcard.
  private static func keys(_ conditions: RequestConditions, _ condition: Condition) -> [Key]? {
    let prefixes: [(text: String, isWhole: Bool)] =
      switch condition {
      case .namespaces: conditions.namespaces.map(prefix)
      case .names: conditions.names.map(prefix)
      case .kinds: conditions.kinds.map { prefix($0.kind) }
      case .users: conditions.users.map(prefix)
      case .groups: conditions.groups.map(prefix)
      case .serviceAccounts: conditions.serviceAccounts.map { prefix(Glob($0.username)) }
      case .ownerWorkloads: conditions.ownerWorkloads.map { prefix($0.name) }
      case .images: conditions.images.map(prefix)
      }
    guard prefixes.allSatisfy({ $0.isWhole || !$0.text.isEmpty }) else { return nil }
    return prefixes.map { Key(condition: condition, text: $0.text, isWhole: $0.isWhole) }
  }

  private static func prefix(_ glob: Glob) -> (text: String, isWhole: Bool) { (glob.literalPrefix, glob.isLiteral) }
}

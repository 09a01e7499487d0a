// Exemptions that nearly match, and what keeps them from it.

internal import Evaluation

/// An exemption that does not free an attachment, but nearly.
struct NearExemption {
  let id: String
  /// What keeps it from matching, one sentence part each.
  let failures: [String]

  /// How many are named, and how many of their conditions may fail.
  private static let nearMax = (exemptions: 3, failures: 2)

  /// The exemptions of a policy that are nearest to freeing an attachment, the nearest first.
  static func nearest(
    in policy: Policy,
    to subject: RequestSubject,
    _ attachment: HostNetworkAttachment
  ) -> [NearExemption] {
    let all = policy.exemptions.map { exemption in
      var failures = exemption.conditions.failures(subject, attachment).map { condition in
        let patterns = exemption.conditions.patterns(condition).prefix(3).joined(separator: ", ")
        return "\(condition.rawValue) (\(patterns); \(found(condition, subject, attachment)))"
      }
      if let expires = exemption.expires, expires <= subject.time { failures.append("end (\(expires.brief))") }
      return NearExemption(id: exemption.id, failures: failures)
    }
    let near = all.filter { $0.failures.count <= nearMax.failures }
    return Array(near.sorted { $0.failures.count < $1.failures.count }.prefix(nearMax.exemptions))
  }

  /// A sentence about them, with a blank before it; empty for none.
  static func words(_ near: [NearExemption]) -> String {
    guard !near.isEmpty else { return "" }
    return " Nearest: "
      + near.map { "\($0.id) fails by its \($0.failures.joined(separator: " and "))" }.joined(separator: "; ")
      + "."
  }

  /// What the request has instead.
  private static func found(
    _ condition: RequestConditions.Condition,
    _ subject: RequestSubject,
    _ attachment: HostNetworkAttachment
  ) -> String {
    switch condition {
    case .namespaces: "it is in \(subject.namespace.isEmpty ? "none" : subject.namespace)"
    case .names: "it is called \(subject.namePattern.text)"
    case .kinds: "it is a \(subject.kind.kind)"
    case .users, .serviceAccounts: "it comes from \(subject.userWords)"
    case .groups:
      "the groups are \(subject.user.groups.isEmpty ? "none" : subject.user.groups.joined(separator: ", "))"
    case .ownerWorkloads: ownerWords(subject)
    case .images where attachment.containers.isEmpty: "it shows no containers"
    case .images: "the images are \(attachment.containers.map(\.image).joined(separator: ", "))"
    }
  }

  private static func ownerWords(_ subject: RequestSubject) -> String {
    guard let owner = subject.controller else { return "no workload controls it" }
    return
      "its own word is \(owner.kind) \(owner.name), which is believed of controllers and of users that the exemption names"
  }
}

extension RequestSubject {
  /// The requester, for a sentence.
  var userWords: String { user.username.isEmpty ? "an unnamed user" : user.username }
}

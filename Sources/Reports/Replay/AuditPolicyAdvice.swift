// The audit policy that would have let a log be judged.

internal import AuditLog
internal import Evaluation

/// The rule that an audit policy (`audit.k8s.io/v1`) lacks.
///
/// Source: Kubernetes documentation, "Auditing": rules are tried from the top, and the first that matches decides. A
/// resource without a slash does not mean its subresources.
enum AuditPolicyAdvice {
  /// YAML to paste under `rules:`, for the resources that were logged without a body; nil when there are none.
  static func yaml(_ coverage: Coverage) -> String? {
    var resources: [String: Set<String>] = [:]
    for gap in coverage.gaps.keys where gap.reason == .metadataLevel {
      resources[gap.group, default: []].insert(gap.resource)
    }
    guard !resources.isEmpty else { return nil }
    var lines = [
      "# Under rules:, before every rule that matches the same requests. Level Request is enough;",
      "# RequestResponse also shows what mutating webhooks changed and what a patch was laid over.",
      "- level: Request",
      "  verbs: [\"create\", \"update\", \"patch\"]",
      "  resources:",
    ]
    for (group, names) in resources.sorted(by: { $0.key < $1.key }) {
      lines.append("  - group: \(quoted(group))")
      lines.append("    resources: [\(names.sorted().map(quoted).joined(separator: ", "))]")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A double-quoted YAML scalar; names of groups and resources come out of the log.
  private static func quoted(_ text: String) -> String {
    let plain = Wording.singleLine(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(plain)\""
  }
}

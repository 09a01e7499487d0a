// `hostfence policy check`: what is wrong with a policy, and what will be.

package import Evaluation
internal import JSONDocument
internal import Manifests
package import PolicyFile

/// The result of checking a policy.
package struct PolicyCheckReport {
  private let load: PolicyLoad
  private let expired: [Exemption]
  private let expiring: [Exemption]

  /// Sums a policy up as it is at a moment.
  ///
  /// - Parameter within: seconds in which an exemption that expires is listed; nil lists none of these.
  package init(_ load: PolicyLoad, at now: Timestamp, within: Int64?) {
    self.load = load
    let exemptions = load.policy?.exemptions ?? []
    expired = exemptions.filter { !$0.isInForce(at: now) }
    expiring = exemptions.filter { exemption in
      guard let within, exemption.isInForce(at: now) else { return false }
      return !exemption.isInForce(at: now.adding(seconds: within))
    }
  }

  /// Usable, usable with exemptions that have expired or soon will, or not usable.
  package var exitCode: ExitCode {
    if load.policy == nil { return .unjudged }
    return expired.isEmpty && expiring.isEmpty ? .clean : .found
  }

  /// One line per problem and per exemption that soon expires.
  package func text(_ style: TextStyle) -> [UInt8] {
    var text = PolicyProblemsText.render(load, style: style)
    for exemption in expiring {
      let end = exemption.expires?.brief ?? ""
      text += "\(style.caution("expires")): \(exemption.id) on \(end), for \(style.plain(exemption.owner)): "
      text += "\(style.plain(exemption.reason))\n"
    }
    return Array(text.utf8)
  }

  /// The same as one JSON object: `revision` (where the policy can be used), `errors` and `warnings` (`file`, `line`,
  /// `column`, `message`), `expired` and `expiring` (`id`, `owner`, `reason`, `expires`).
  package func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("revision", load.policy?.revision)
    writer.problems("errors", load.errors)
    writer.problems("warnings", load.warnings)
    for (key, exemptions) in [("expired", expired), ("expiring", expiring)] {
      writer.key(key)
      writer.beginArray()
      for exemption in exemptions {
        writer.beginObject()
        writer.field("id", exemption.id)
        writer.field("owner", exemption.owner)
        writer.field("reason", exemption.reason)
        writer.field("expires", exemption.expires?.description)
        writer.endObject()
      }
      writer.endArray()
    }
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  /// One sentence.
  package var summary: String {
    guard let policy = load.policy else {
      return "the policy cannot be used: \(NumberText.counted(load.errors.count, "problem"))"
    }
    var text =
      "policy \(policy.revision) can be used: \(NumberText.counted(policy.namespaceRules.count, "namespace rule")), "
      + NumberText.counted(policy.exemptions.count, "exemption")
    if !expired.isEmpty { text += ", \(expired.count) expired" }
    if !expiring.isEmpty { text += ", \(expiring.count) soon to expire" }
    return text
  }
}

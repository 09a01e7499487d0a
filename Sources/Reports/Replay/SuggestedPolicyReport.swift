// `hostfence replay --suggest-exemptions`: a policy to be completed by a person.

package import AuditLog
internal import Evaluation
internal import JSONDocument

/// Suggested exemptions as a policy file.
package enum SuggestedPolicyReport {
  /// What stands where a person must write; `hostfence policy check` refuses it.
  private static let placeholders = (reason: "<why may it use the node's network?>", owner: "<who answers for it?>")

  /// YAML, in which every text is quoted as JSON, whatever an object was called.
  package static func render(_ suggestions: ExemptionSuggestions, _ summary: ReplaySummary) -> [UInt8] {
    let all = suggestions.suggestions
    var text = """
      # Exemptions for attachments that recur in \(NumberText.counted(summary.coverage.events, "audit event")).
      # Write a reason and an owner for each that shall stay, and remove the others.
      apiVersion: hostfence.dev/v1
      kind: Policy

      """
    if suggestions.leftOut > 0 {
      let count = NumberText.counted(suggestions.leftOut, "attachment")
      text +=
        "# Left out: \(count) that no exemption can name exactly (no images, or a name that no pattern can spell).\n"
    }
    text += all.isEmpty ? "# No attachment recurs that is not exempt.\n" : "exemptions:\n"
    for suggestion in all { text += lines(suggestion) }
    return Array(text.utf8)
  }

  private static func lines(_ suggestion: ExemptionSuggestions.Suggestion) -> String {
    let (first, last) = (suggestion.first.description.prefix(10), suggestion.last.description.prefix(10))
    let unstored = suggestion.unstored > 0 ? " (\(suggestion.unstored) of them rejected or a dry run)" : ""
    let conditions = suggestion.conditions
    var text = """
      # Evidence: \(NumberText.counted(suggestion.evidence, "attachment"))\(unstored), \(first) to \(last).
      - id: \(quoted(suggestion.id))
        reason: \(quoted(placeholders.reason))
        owner: \(quoted(placeholders.owner))
        match:

      """
    for condition in conditions.given {
      if condition == .ownerWorkloads {
        text += "    ownerWorkloads:\n"
        for workload in conditions.ownerWorkloads {
          text += "    - {\"kind\": \(quoted(workload.kind.text)), \"name\": \(quoted(workload.name.text))}\n"
        }
      } else {
        text += "    \(condition.rawValue): [\(conditions.patterns(condition).map(quoted).joined(separator: ", "))]\n"
      }
    }
    return text
  }

  /// As JSON, with every character that YAML might not take as it is written out.
  private static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.value(text)
    return writer.text.unicodeScalars.map { scalar in
      (" "..."~").contains(scalar)
        ? String(scalar) : String(scalar).utf16.map { "\\u" + hexadecimal($0) }.joined()
    }.joined()
  }

  private static func hexadecimal(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

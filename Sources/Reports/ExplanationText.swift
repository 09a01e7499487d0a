// `hostfence policy explain`: an explanation for people.

internal import Evaluation
package import PolicyFile

/// An explanation in lines.
package enum ExplanationText {
  /// The object, the rules in their order, the verdict, and what would change it.
  package static func render(_ explanation: Explanation, policy revision: String, style: TextStyle) -> String {
    let subject = explanation.subject
    let place = subject.namespace.isEmpty ? subject.name : "\(subject.namespace)/\(subject.name)"
    let user = subject.user.username.isEmpty ? "an unnamed user" : subject.user.username
    let title = "\(subject.operation.rawValue) of \(subject.kind.kind) \(place) by \(user), \(subject.time.brief)"
    var text = "\(style.heading(style.plain(title)))\n"
    let width = explanation.steps.map(\.rule.count).max() ?? 0
    for step in explanation.steps {
      let pad = String(repeating: " ", count: width - step.rule.count)
      text += "  \(step.decides ? "▸" : " ") \(step.rule)\(pad)  \(style.plain(step.words))\n"
    }
    if let decision = explanation.decision {
      text +=
        "  Verdict: \(style.verdict(decision.verdict)), by the rule \(decision.rule.rawValue) of policy \(revision)\n"
    } else {
      text += "  Verdict: none\n"
    }
    for change in explanation.changes { text += "  What would change it: \(style.plain(change))\n" }
    return text
  }
}

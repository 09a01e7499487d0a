// Why a request gets its verdict, rule by rule, and what would change it.

package import Evaluation
internal import JSONDocument

/// The rules of an evaluation in their order, up to the one that decides.
package struct Explanation: Sendable {
  /// One rule and what it made of the request.
  package struct Step: Sendable, Equatable {
    package let rule: String
    package let words: String
    /// Whether it ended the evaluation.
    package let decides: Bool
  }

  package let subject: RequestSubject
  /// Nil when the object cannot be judged.
  package let decision: Decision?
  package private(set) var steps: [Step] = []
  /// What would lead to another verdict.
  package private(set) var changes: [String] = []

  private let policy: Policy

  /// Explains a request by a policy, at the request's own time.
  package init(_ request: borrowing AdmissionRequest, by policy: Policy) {
    self.policy = policy
    subject = request.subject
    let evaluator = Evaluator(policy: policy)
    do {
      let decided = try evaluator.evaluate(request)
      decision = decided
      explain(request, decided)
      explainChanges(request, decided)
    } catch {
      decision = nil
      add("object", "It cannot be judged: \(error)", decides: true)
    }
  }

  private mutating func add(_ rule: String, _ words: String, decides: Bool = false) {
    steps.append(Step(rule: rule, words: words, decides: decides))
  }

  // MARK: - The rules

  private mutating func explain(_ request: borrowing AdmissionRequest, _ decision: Decision) {
    let part = subject.subresource.isEmpty ? "the object itself" : "the subresource \(subject.subresource)"
    guard Evaluator.isJudged(request) else {
      add(
        "operation",
        "\(subject.operation.rawValue) of \(part) cannot attach a pod, so it is not judged.",
        decides: true
      )
      return
    }
    add("operation", "\(subject.operation.rawValue) of \(part) is judged.")
    explainMode(decision)
    guard decision.mode != .off else { return }
    let located = (try? Evaluator(policy: policy).locate(in: request)) ?? []
    guard !located.isEmpty else {
      add("attachment", noAttachmentWords, decides: true)
      return
    }
    add("attachment", located.map { Self.words($0.attachment) }.joined(separator: " "))
    if decision.rule == .beingDeleted {
      add(
        "deletion",
        "The stored object is being deleted, and nothing new is attached: finalizers must come off.",
        decides: true
      )
      return
    }
    explainMirror(request, decision)
    guard decision.rule != .mirrorPod else { return }
    explainExemptions(decision)
    guard decision.rule != .exemption else { return }
    explainUpdate(decision)
    add("verdict", verdictWords(decision), decides: true)
  }

  private var noAttachmentWords: String {
    let kind = subject.kind.kind
    if policy.neverAttaches(subject.kind) { return "The policy says that a \(kind) only speaks about pods." }
    return PodSpecPlacement.of(subject.kind) == .nowhere
      ? "A \(kind) makes no pods, whatever it says." : "Nothing in it has hostNetwork: true."
  }

  private mutating func explainMode(_ decision: Decision) {
    let place = subject.namespace.isEmpty ? "Without a namespace" : "In the namespace \(subject.namespace)"
    let rule = policy.namespaceRule(for: subject.namespace)
    let source =
      rule.map { "the rule for \($0.patterns.map(\.text).joined(separator: ", "))" }
      ?? (policy.namespaceRules.isEmpty ? "the policy" : "no rule but the policy's own mode")
    let enforcement = rule?.enforcement ?? policy.enforcement
    var words = "\(place) \(source) decides: \(enforcement.mode.rawValue)"
    if enforcement.mode == .warn, let date = enforcement.denyFrom {
      words += date <= subject.time ? ", which is deny since \(date.brief)" : ", which is deny from \(date.brief) on"
    }
    add("mode", "\(words).", decides: decision.mode == .off)
  }

  private mutating func explainMirror(_ request: borrowing AdmissionRequest, _ decision: Decision) {
    if decision.rule == .mirrorPod {
      add(
        "mirror pod",
        "It mirrors a static pod, and its own node says so: refusing would only hide it.",
        decides: true
      )
    } else if request.object?.object("metadata")?.object("annotations")?.member("kubernetes.io/config.mirror") != nil {
      add(
        "mirror pod",
        "The annotation of a mirror pod is believed of the pod's own node only, and this is \(subject.userWords)."
      )
    }
  }

  private mutating func explainExemptions(_ decision: Decision) {
    guard !policy.exemptions.isEmpty else {
      add("exemption", "The policy has none.")
      return
    }
    for judged in decision.attachments {
      if let id = judged.exemption, let exemption = policy.exemptions.first(where: { $0.id == id }) {
        let end = exemption.expires.map { " until \($0.brief)" } ?? ""
        add(
          "exemption",
          "\(id) (\(exemption.owner))\(end) frees \(judged.attachment.field): \(exemption.reason)",
          decides: decision.rule == .exemption
        )
      } else {
        add("exemption", "None frees \(judged.attachment.field).\(NearExemption.words(near(judged.attachment)))")
      }
    }
  }

  private mutating func explainUpdate(_ decision: Decision) {
    guard subject.operation == .update else { return }
    let words = decision.attachments.map { judged in
      let field = judged.attachment.field
      if judged.introduced { return "\(field) was not attached before this update." }
      if judged.rule == .notIntroduced {
        return "\(field) was attached before, which updates: \(policy.updates.rawValue) tolerates."
      }
      return
        "\(field) was attached before, and updates: \(policy.updates.rawValue) does not tolerate this update of it."
    }
    add("update", words.joined(separator: " "))
  }

  private func verdictWords(_ decision: Decision) -> String {
    decision.attachments.filter { $0.rule != .exemption }.map { judged in
      let field = judged.attachment.field
      switch judged.verdict {
      case .deny: return "\(field) is denied."
      case .allow: return "\(field) is recorded, and nothing is said."
      case .warn:
        guard decision.mode == .deny else { return "\(field) is warned about." }
        return judged.rule == .notIntroduced
          ? "\(field) is warned about, and not denied."
          : "\(field) is warned about: what a custom resource does with it is not known, and customResources does not name it."
      }
    }.joined(separator: " ")
  }

  // MARK: - What would change it

  private mutating func explainChanges(_ request: borrowing AdmissionRequest, _ decision: Decision) {
    explainEnds(request, decision)
    guard decision.rule == .mode || decision.rule == .notIntroduced else { return }
    let fields = decision.attachments.filter { $0.rule != .exemption }.map(\.attachment.field)
    if decision.verdict > .allow { changes.append("Remove \(fields.joined(separator: " and ")), or set it to false.") }
    // What the mode deny would not deny, neither a date nor escalation makes a denial.
    let canBeDenied = decision.attachments.contains {
      $0.rule == .mode && policy.isDeniable($0.attachment, in: subject.kind)
    }
    let enforcement = policy.namespaceRule(for: subject.namespace)?.enforcement ?? policy.enforcement
    if let date = enforcement.denyFrom, enforcement.mode == .warn, canBeDenied {
      changes.append(
        date <= subject.time
          ? "Before \(date.brief) it would have been a warning." : "From \(date.brief) on it would be denied."
      )
    }
    if let escalation = policy.risk.escalation, decision.mode == .warn, canBeDenied,
      !policy.risk.isController(subject.user)
    {
      changes.append("A counted risk of \(subject.userWords) above \(escalation.above) would make it a denial.")
    }
    let isDeniable = decision.attachments.contains { policy.isDeniable($0.attachment, in: subject.kind) }
    if decision.rule == .notIntroduced, decision.mode == .deny, isDeniable {
      changes.append("With updates: any, or in a new object, it would be denied.")
    }
    for judged in decision.attachments where judged.rule == .mode {
      for exemption in near(judged.attachment) where exemption.failures.count == 1 {
        changes.append("The exemption \(exemption.id) would free it, but for its \(exemption.failures[0]).")
      }
    }
  }

  /// What becomes of the request when an exemption that frees a part of it ends.
  private mutating func explainEnds(_ request: borrowing AdmissionRequest, _ decision: Decision) {
    for id in Set(decision.attachments.compactMap(\.exemption)).sorted() {
      guard let exemption = policy.exemptions.first(where: { $0.id == id }) else { continue }
      var without = policy
      without.exemptions = policy.exemptions.filter { $0.id != id }
      var later = copy request
      later.time = exemption.expires ?? request.time
      let verdict = (try? Evaluator(policy: without).evaluate(later))?.verdict ?? .allow
      let when = exemption.expires.map { "From \($0.brief) on" } ?? "Without the exemption \(id)"
      changes.append("\(when) the verdict is \(verdict.rawValue).")
    }
  }

  private func near(_ attachment: HostNetworkAttachment) -> [NearExemption] {
    NearExemption.nearest(in: policy, to: subject, attachment)
  }

  private static func words(_ attachment: HostNetworkAttachment) -> String {
    let images = attachment.containers.map(\.image).filter { !$0.isEmpty }
    let pod =
      images.isEmpty ? "" : " (images \(images.prefix(4).joined(separator: ", "))\(images.count > 4 ? ", …" : ""))"
    return attachment.certainty == .certain
      ? "\(attachment.field) puts a pod on the node's network\(pod)."
      : "\(attachment.field) may put a pod on the node's network."
  }
}

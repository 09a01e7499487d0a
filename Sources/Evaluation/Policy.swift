// What an operator decided: the modes, how far an old attachment is tolerated, who is exempt, what risk is worth.

/// How far an UPDATE may keep an attachment that the old object already had.
package enum UpdateTolerance: String, Sendable, CaseIterable {
  /// Tolerated as long as the attachment stood in the old object.
  case introduced
  /// Tolerated only while the attached pod spec itself is unchanged: labels and replicas pass, a new image does not.
  case unchanged
  /// Never tolerated: an attachment is judged on every update.
  case any
}

/// A mode, and the moment from which a warning becomes a denial.
package struct Enforcement: Sendable, Equatable {
  package var mode: Mode
  /// From this moment on `warn` is `deny`; nil when it stays.
  package var denyFrom: Timestamp?

  /// Creates an enforcement.
  package init(mode: Mode, denyFrom: Timestamp? = nil) {
    self.mode = mode
    self.denyFrom = denyFrom
  }

  /// The mode at a moment.
  package func mode(at time: Timestamp) -> Mode {
    guard mode == .warn, let denyFrom, time >= denyFrom else { return mode }
    return .deny
  }
}

/// The mode of some namespaces.
package struct NamespaceRule: Sendable, Equatable {
  package var patterns: [Glob]
  package var enforcement: Enforcement

  /// Creates a rule.
  package init(patterns: [Glob], enforcement: Enforcement) {
    self.patterns = patterns
    self.enforcement = enforcement
  }
}

/// A place of a custom resource where a possible attachment is as good as a certain one.
package struct CustomResourceRule: Sendable, Equatable {
  package var kind: KindPattern
  /// Matched against the field as messages name it: `spec.driver.hostNetwork`, `spec.tasks[*].hostNetwork`.
  package var path: Glob

  /// Creates a rule.
  package init(kind: KindPattern, path: Glob) {
    self.kind = kind
    self.path = path
  }
}

/// The settings that turn attachments into a verdict.
package struct Policy: Sendable, Equatable {
  /// For namespaces that no rule names, and for cluster-scoped objects.
  package var enforcement: Enforcement
  /// The first rule that matches decides.
  package var namespaceRules: [NamespaceRule]
  package var updates: UpdateTolerance
  package var customResources: [CustomResourceRule]
  /// Kinds that only speak about pods, beside those that Hostfence knows.
  package var neverAttaching: [KindPattern]
  package var risk: RiskSettings
  /// Names what the files say: equal for equal policies, 12 hexadecimal digits; empty where nobody made one.
  ///
  /// `enforcing` keeps it, as the mode stands beside it in decisions and events.
  package var revision: String
  /// The mode that stands in place of all modes of the files.
  package private(set) var replacedMode: Mode?
  private(set) var exemptionIndex = ExemptionIndex([])

  /// In the order of the files; the first that matches frees.
  package var exemptions: [Exemption] {
    get { exemptionIndex.exemptions }
    set { exemptionIndex = ExemptionIndex(newValue) }
  }

  /// Creates a policy; without one, Hostfence warns and tolerates what was already there.
  package init(mode: Mode = .warn, updates: UpdateTolerance = .introduced) {
    enforcement = Enforcement(mode: mode)
    namespaceRules = []
    self.updates = updates
    customResources = []
    neverAttaching = []
    risk = RiskSettings()
    revision = ""
  }

  /// The same policy with one mode for all namespaces, times and users; its exemptions stay.
  package func enforcing(_ mode: Mode) -> Policy {
    var policy = self
    policy.enforcement = Enforcement(mode: mode)
    policy.namespaceRules = []
    policy.risk.escalation = nil
    policy.replacedMode = mode
    return policy
  }

  /// Whether a mode is all that this policy says.
  package var isModeOnly: Bool {
    var plain = Policy(mode: enforcement.mode)
    plain.revision = revision
    plain.replacedMode = replacedMode
    return self == plain
  }

  /// Whether nothing is judged.
  package var isOff: Bool { enforcement.mode == .off && namespaceRules.isEmpty }

  /// The rule that names a namespace, if one does.
  package func namespaceRule(for namespace: String) -> NamespaceRule? {
    namespaceRules.first { $0.patterns.matchAny(namespace) }
  }

  /// The mode for a namespace at a moment; the empty namespace is that of cluster-scoped objects.
  package func mode(in namespace: @autoclosure () -> String, at time: Timestamp) -> Mode {
    guard !namespaceRules.isEmpty else { return enforcement.mode(at: time) }
    return (namespaceRule(for: namespace())?.enforcement ?? enforcement).mode(at: time)
  }

  /// The first exemption that frees an attachment at the time of its request.
  package func exemption(for subject: RequestSubject, _ attachment: HostNetworkAttachment) -> Exemption? {
    exemptionIndex.first(for: subject, attachment)
  }

  /// Whether an attachment can be denied: a certain one, or one at a place that the policy names.
  package func isDeniable(_ attachment: HostNetworkAttachment, in kind: GroupVersionKind) -> Bool {
    attachment.certainty == .certain
      || customResources.contains { $0.kind.matches(kind) && $0.path.matches(attachment.field) }
  }

  /// Whether objects of a kind only speak about pods.
  package func neverAttaches(_ kind: GroupVersionKind) -> Bool {
    !neverAttaching.isEmpty && neverAttaching.contains { $0.matches(kind) }
  }
}

// The outcome of one evaluation: what, by which rule, about which attachments.

/// What the evaluator made of a request.
package struct Decision: Sendable, Equatable {
  /// The rule that decided, in the order in which rules are tried.
  package enum Rule: String, Sendable, CaseIterable {
    /// Only creates, updates and the subresources that can change a pod spec are judged.
    case notJudged
    /// The object attaches no pod to the node's network.
    case noAttachment
    /// The object is being deleted and the update attaches nothing new: finalizers must come off.
    case beingDeleted
    /// The kubelet mirrors a static pod of its own node; refusing would only hide a pod that runs anyway.
    case mirrorPod
    /// An exemption of the policy frees it.
    case exemption
    /// Every attachment was there before the update, and the policy tolerates that.
    case notIntroduced
    /// The policy's mode.
    case mode
    /// The mode is warn, and the requester's risk so far makes it deny.
    case escalation
  }

  /// One attachment and what is to become of it.
  package struct JudgedAttachment: Sendable, Equatable {
    package var attachment: HostNetworkAttachment
    /// Whether this request put it there.
    package var introduced: Bool
    package var verdict: Verdict
    package var rule: Rule
    /// The id of the exemption that frees it.
    package var exemption: String?
    /// Whether a risk event is to be kept; a dry run leaves none whatever this says.
    package var isRecorded: Bool
    /// What it adds to the requester's risk, if it counts; 0 where nobody is to be charged.
    package var riskScore: Int
    /// The place of the `hostNetwork` key in the document that was judged.
    package var keyIndex: Int
  }

  /// The strictest verdict on any attachment.
  package var verdict: Verdict
  /// The rule behind that verdict: of several attachments, the rule that excuses least.
  package var rule: Rule
  /// The mode for the object's namespace at the time of the request; deny where the requester's risk escalates warn.
  package var mode: Mode
  /// Which policy decided; see `Policy.revision`.
  package var policyRevision: String
  /// The policy's `RiskSettings.deduplicationSeconds`.
  package var deduplicationSeconds: Int64
  package var attachments: [JudgedAttachment]
  /// Whether what the object says of its owner is believed, to charge whoever made that; see `RiskSettings.isController`.
  package var believesOwner: Bool
  /// The request, where there are attachments: it was copied to judge them, and is not to be copied again.
  private(set) var subject: RequestSubject?

  /// The decision on attachments, of which there is at least one.
  init(_ attachments: [JudgedAttachment], of subject: RequestSubject, mode: Mode, policy: Policy) {
    self.subject = subject
    verdict = attachments.lazy.map(\.verdict).max() ?? .allow
    rule = attachments.lazy.map(\.rule).max { $0.rank < $1.rank } ?? .noAttachment
    self.mode = mode
    policyRevision = policy.revision
    deduplicationSeconds = policy.risk.deduplicationSeconds
    self.attachments = attachments
    believesOwner = policy.risk.isController(subject.user)
  }

  /// A decision that lets a request through without a trace.
  init(allowedBy rule: Rule, mode: Mode, policy: Policy) {
    verdict = .allow
    self.rule = rule
    self.mode = mode
    policyRevision = policy.revision
    deduplicationSeconds = policy.risk.deduplicationSeconds
    attachments = []
    believesOwner = false
  }

  /// The exemption that decided, if one did; where several free an attachment each, the first.
  package var exemption: String? { rule == .exemption ? attachments.first?.exemption : nil }

  /// Whether any risk event is to be kept; a dry run leaves none whatever this says.
  package var isRecorded: Bool { attachments.contains(where: \.isRecorded) }
}

extension Decision.Rule {
  /// Whether an attachment is let through whatever the mode.
  package var frees: Bool { self == .mirrorPod || self == .exemption }

  /// The order of the rules, which is that of the cases.
  fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

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
    /// Every attachment was there before the update, and the policy tolerates that.
    case notIntroduced
    /// The policy's mode.
    case mode
  }

  /// One attachment and what is to become of it.
  package struct JudgedAttachment: Sendable, Equatable {
    package var attachment: HostNetworkAttachment
    /// Whether this request put it there.
    package var introduced: Bool
    package var verdict: Verdict
    /// The place of the `hostNetwork` key in the document that was judged.
    package var keyIndex: Int
  }

  /// The strictest verdict on any attachment.
  package var verdict: Verdict
  package var rule: Rule
  package var mode: Mode
  package var attachments: [JudgedAttachment]
  /// Whether risk events are to be kept; a dry run leaves none whatever this says.
  package var isRecorded: Bool

  /// A decision that lets a request through without a trace.
  static func allowed(_ rule: Rule, mode: Mode) -> Decision {
    Decision(verdict: .allow, rule: rule, mode: mode, attachments: [], isRecorded: false)
  }
}

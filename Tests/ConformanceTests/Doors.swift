// The three doors, and what all must agree on about an object.

import AuditLog
import Evaluation
import JSONDocument
import Manifests
import TestSupport
import Testing

/// What a door makes of a request.
struct Outcome: Equatable {
  struct Attachment: Equatable {
    let verdict: Verdict
    let rule: Decision.Rule
    let exemption: String?
    let pointer: String
    let certainty: HostNetworkAttachment.Certainty
    let introduced: Bool
    let riskScore: Int
    let reason: String

    init(_ judged: Decision.JudgedAttachment, reason: String) {
      verdict = judged.verdict
      rule = judged.rule
      exemption = judged.exemption
      pointer = judged.attachment.pointer
      certainty = judged.attachment.certainty
      introduced = judged.introduced
      riskScore = judged.riskScore
      self.reason = reason
    }
  }

  var attachments: [Attachment] = []
  // What `check` tells of findings only.
  var verdict: Verdict?
  var rule: Decision.Rule?
  var exemption: String?
  var revision: String?

  init(_ attachments: [Attachment]) { self.attachments = attachments }

  init(_ decision: Decision, _ reasons: [String]) {
    attachments = zip(decision.attachments, reasons).map { Attachment($0, reason: $1) }
    verdict = decision.verdict
    rule = decision.rule
    exemption = decision.exemption
    revision = decision.policyRevision
  }
}

/// Takes requests to each door.
enum Doors {
  /// At the webhook: a review in, a decision out.
  static func atWebhook(_ review: [UInt8], _ policy: Policy) throws -> Outcome {
    try JSONParser().withDocument(review) { document in
      Result {
        let request = try AdmissionRequest(review: document.value(at: document.index), at: Judgement.time)
        let decision = try Evaluator(policy: policy).evaluate(request)
        let wording = Wording(for: request)
        return Outcome(decision, decision.attachments.map { wording.reason($0) })
      }
    }.get()
  }

  /// In `check`: a file in, findings out.
  static func inCheck(_ text: [UInt8], _ policy: Policy) throws -> Outcome {
    let alice = UserInfo(username: "alice", groups: ["devs", "system:authenticated"])
    var checker = ManifestChecker(policy: policy, as: alice, at: Judgement.time, duplicateKeys: .error)
    checker.check(text, file: "manifest", mustHoldObjects: true)
    #expect(checker.result.unreadable == [])
    #expect(checker.result.objectCount == 1)
    var outcome = Outcome(checker.result.findings.map { Outcome.Attachment($0.judged, reason: $0.message) })
    outcome.revision = checker.result.findings.first?.policyRevision
    return outcome
  }

  /// In `replay`: the audit events of the same request in, findings out.
  ///
  /// An update is preceded by the create that made its old object, as in a log that goes back far enough.
  static func inReplay(_ review: [UInt8], _ policy: Policy) throws -> Outcome {
    let events = try AuditedReview(review).events
    let engine = ReplayEngine(ReplaySettings(policy: policy), handler: CollectedFindings())
    engine.replay(text: Array(events.joined(separator: "\n").utf8), file: "audit.log")
    #expect(engine.summary.coverage.unjudgedWrites == 0)
    #expect(engine.summary.unreadableCount == 0)
    let finding = engine.handler.findings.first { $0.subject.uid == AuditedReview.auditID }
    return finding.map { Outcome($0.decision, $0.reasons) } ?? Outcome([])
  }
}

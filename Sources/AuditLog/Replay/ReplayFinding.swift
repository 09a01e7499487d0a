// One request of an audit log that puts, or would have put, a pod on the node's network.

package import Evaluation

/// A request of an audit log with attachments, and its verdict.
package struct ReplayFinding: Sendable, Equatable {
  /// What the API server made of the request.
  package enum Outcome: Sendable, Equatable {
    /// The object was stored.
    case written
    /// `dryRun=All`: nothing was stored.
    case dryRun
    /// Refused with this HTTP code: by validation, another webhook, a quota.
    case rejected(code: Int)
  }

  /// What the verdict rests on.
  package enum Evidence: String, Sendable, CaseIterable {
    /// What was stored, mutating webhooks included.
    case responseObject
    /// What was sent; mutating webhooks may have changed it.
    case requestObject
    /// What a patch says, without the object it was laid over.
    case patch
  }

  /// Whether an update can be told from a first attachment.
  package enum Previous: String, Sendable, CaseIterable {
    /// A create has nothing before it.
    case none
    /// An earlier event of the log, or the event itself, says what was there.
    case known
    /// The log does not say; the attachment is judged as introduced.
    case unknown
  }

  /// The file the event is in, as reports name it.
  package var file: String
  /// The line its record begins on, from 1.
  package var line: Int
  /// As the API server names it: `create`, `update`, `patch`.
  package var verb: String
  package var subject: RequestSubject
  /// Who really sent the request, when `subject.user` was impersonated.
  package var impersonator: String?
  /// All of the event's `sourceIPs`; all but the last may be forged.
  package var sourceIPs: [String]
  package var userAgent: String
  /// HTTP, 0 when the log does not say.
  package var responseCode: Int
  package var outcome: Outcome
  package var evidence: Evidence
  package var previous: Previous
  package var decision: Decision
  /// What, where, why and how to fix it: one sentence per attachment.
  package var reasons: [String]
  /// The prefix of an object that the API server named.
  package var generateName: String?
}

extension ReplayFinding {
  /// `written`, `dry-run` or `rejected`.
  package var outcomeName: String {
    switch outcome {
    case .written: "written"
    case .dryRun: "dry-run"
    case .rejected: "rejected"
    }
  }

  /// The risk events of the request; a dry run has none.
  ///
  /// The API server takes the audit id from a header of the request (`Audit-ID`), so a client may send many with one id;
  /// when each came in is the server's own word.
  package var riskEvents: [RiskEvent] {
    decision.riskEvents(
      for: subject,
      requestID: "\(subject.uid)@\(subject.time.microseconds)",
      stored: outcome == .written
    )
  }
}

// What judges audit events: the seam between this server and whatever reads audit logs.

package import Evaluation

/// What one batch of audit events came to.
package struct AuditBatchResult: Sendable, Equatable {
  /// To be durable before the batch is acknowledged.
  package var riskEvents: [RiskEvent]
  /// Audit events in the batch, of any kind.
  package var events: Int
  /// Of these, how many had been delivered before and were not judged again.
  package var duplicates: Int
  /// Requests that put a pod on the node's network, or asked for it, by verdict.
  package var findings: [Verdict: Int]
  /// Writes of pods and workloads whose body was not in their event, by why; one of the reasons given to `AuditQueue`.
  package var unjudgedWrites: [String: Int]

  /// Creates a result; without arguments that of an empty batch.
  package init(
    riskEvents: [RiskEvent] = [],
    events: Int = 0,
    duplicates: Int = 0,
    findings: [Verdict: Int] = [:],
    unjudgedWrites: [String: Int] = [:]
  ) {
    self.riskEvents = riskEvents
    self.events = events
    self.duplicates = duplicates
    self.findings = findings
    self.unjudgedWrites = unjudgedWrites
  }
}

/// The body is no batch of audit events; the message says what it is instead, for whoever sent it.
package struct UnreadableAuditBatch: Error, Equatable, CustomStringConvertible {
  package let description: String

  /// Creates the error from a sentence.
  package init(_ description: String) { self.description = description }
}

/// Judges batches of audit events, one after the other, on the thread of an `AuditQueue`.
///
/// It may remember what it saw: the risk events of a batch are recorded even when the batch itself has to be sent again.
package protocol AuditBatchJudge {
  /// Judges the body of one request: an EventList of audit.k8s.io/v1, a single Event or an array of them.
  ///
  /// `body` has `JSONParser.paddingBytes` of spare capacity.
  /// - Throws: `UnreadableAuditBatch` when the body is none of these; nothing of it counts then.
  mutating func judge(_ body: [UInt8]) throws(UnreadableAuditBatch) -> AuditBatchResult
}

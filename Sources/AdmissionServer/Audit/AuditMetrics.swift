// The figures of the audit webhook.

internal import Evaluation

/// What `/metrics` tells about the audit webhook.
struct AuditMetrics: Sendable {
  /// Every status with which a batch can be answered.
  static let codes = ["200", "400", "405", "408", "413", "415", "503"]

  private let batches: MetricCounter
  private let events: MetricCounter
  private let duplicates: MetricCounter
  private let findings: MetricCounter
  private let unjudgedWrites: MetricCounter

  init(_ metrics: Metrics, _ backlog: AuditBacklog, unjudgedReasons: [String]) {
    batches = metrics.counter(
      "hostfence_audit_batches_total",
      help: "Requests to the audit webhook, by HTTP status code.",
      label: "code",
      values: Self.codes
    )
    events = metrics.counter(
      "hostfence_audit_events_total",
      help: "Audit events in batches that were read, repeated deliveries included."
    )
    duplicates = metrics.counter(
      "hostfence_audit_duplicates_total",
      help: "Audit events that had been delivered before and were not judged again."
    )
    findings = metrics.counter(
      "hostfence_audit_findings_total",
      help: "Requests in audit events that put a pod on the node's network or asked for it, by verdict.",
      label: "verdict",
      values: Verdict.allCases.map(\.rawValue)
    )
    unjudgedWrites = metrics.counter(
      "hostfence_audit_unjudged_writes_total",
      help: "Writes of pods and workloads whose audit event could not be judged, by reason.",
      label: "reason",
      values: unjudgedReasons
    )
    metrics.gauge(
      "hostfence_audit_queue_bytes",
      help: "Size of the batches that are coming in, waiting or being judged, in bytes.",
      read: { backlog.bytes }
    )
    metrics.gauge(
      "hostfence_audit_queue_limit_bytes",
      help: "Size of all batches above which further ones are answered with 503, in bytes.",
      read: { backlog.limitBytes }
    )
    metrics.gauge(
      "hostfence_audit_queue_batches",
      help: "Batches that are waiting or being judged.",
      read: { backlog.batches }
    )
  }

  /// Counts an answer.
  func countAnswer(code: Int) { batches.add(for: String(code)) }

  /// Counts what a batch came to.
  func count(_ result: AuditBatchResult) {
    events.add(result.events)
    duplicates.add(result.duplicates)
    for (verdict, count) in result.findings { findings.add(count, for: verdict.rawValue) }
    for (reason, count) in result.unjudgedWrites { unjudgedWrites.add(count, for: reason) }
  }
}

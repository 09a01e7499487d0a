// What all connections of the webhook share.

internal import Logging

/// What the handlers of every connection call.
struct WebhookServices: Sendable {
  let recorder: RiskRecorder
  /// Takes the batches of `POST /audit`; without it there is no such path.
  let audit: AuditQueue?
  let load: ReviewLoad
  let reviews: ReviewMetrics
  let connections: ConnectionMetrics
  /// For what the server decides.
  let logger: Logger
  /// For what clients bring about, as often as they like.
  let notices: RateLimitedLog

  init(recorder: RiskRecorder, audit: AuditQueue?, metrics: Metrics, load: ReviewLoad = ReviewLoad(), logger: Logger) {
    self.recorder = recorder
    self.audit = audit
    self.load = load
    reviews = ReviewMetrics(metrics, load)
    connections = ConnectionMetrics(metrics)
    self.logger = logger
    notices = RateLimitedLog(logger)
  }
}

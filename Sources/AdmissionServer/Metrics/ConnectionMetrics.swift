// The figures of the connections.

internal import TLS

/// What `/metrics` tells about connections to the webhook.
struct ConnectionMetrics: Sendable {
  /// What a connection may wait for too long.
  static let expiries = ConnectionPhase.allCases.map(\.rawValue) + [ConnectionGuard.delivery]

  /// How connections, rather than files, fail.
  private static let failures: [TLSError.Code] = [
    .peerNotTrusted, .handshakeFailed, .handshakeTimedOut, .handshakeTooLarge, .handshakeAbandoned, .truncated,
    .protocolViolation,
  ]

  private let expired: MetricCounter
  private let refused: MetricCounter
  private let failed: MetricCounter
  private let accepted: MetricCounter

  init(_ metrics: Metrics) {
    accepted = metrics.counter("hostfence_connections_total", help: "Connections to the webhook that were accepted.")
    refused = metrics.counter(
      "hostfence_connections_refused_total",
      help: "Connections closed at once because there were too many, in all or of one address.",
      label: "reason",
      values: ConnectionRegistry.Refusal.allCases.map(\.rawValue)
    )
    expired = metrics.counter(
      "hostfence_connections_expired_total",
      help: "Connections closed because they took too long, by what they were waiting for.",
      label: "phase",
      values: Self.expiries
    )
    failed = metrics.counter(
      "hostfence_tls_failures_total",
      help: "Connections that ended in a TLS error, by kind.",
      label: "kind",
      values: Self.failures.map(\.rawValue)
    )
  }

  func countAccepted() { accepted.add() }

  func count(_ refusal: ConnectionRegistry.Refusal) { refused.add(for: refusal.rawValue) }

  func countExpiry(_ phase: String) { expired.add(for: phase) }

  func count(_ error: TLSError) { failed.add(for: error.code.rawValue) }
}

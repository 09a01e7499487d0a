// Takes new certificates while the server runs, and says when the one in use ends.

internal import Evaluation
internal import Logging
internal import TLS

/// Looks at the certificate's files once in a while.
final class CertificateWatch: Sendable {
  private let tls: ReloadingTLSContext
  private let reloads: MetricCounter
  private let logger: Logger

  init(_ tls: ReloadingTLSContext, metrics: Metrics, logger: Logger) {
    self.tls = tls
    self.logger = logger
    reloads = metrics.counter(
      "hostfence_certificate_reloads_total",
      help: "Changes of the certificate's files that were taken (success), or could not be used (failure).",
      label: "outcome",
      values: ReloadOutcome.allCases.map(\.rawValue)
    )
    metrics.gauge(
      "hostfence_certificate_expiry_timestamp_seconds",
      help: "When the certificate in use ends, in seconds since the epoch.",
      read: { tls.current.certificateLifetime.map { Int($0.end) } ?? 0 }
    )
  }

  /// Looks until cancelled.
  func run() async {
    while (try? await Task.sleep(for: .milliseconds(ServerLimits.certificateCheckMilliseconds))) != nil { look() }
  }

  /// Looks once.
  func look() {
    switch tls.reload() {
    case .unchanged: return
    case .reloaded:
      reloads.add(for: ReloadOutcome.success.rawValue)
      logger.notice("certificate reloaded; connections made before keep theirs")
    case .failed(let error):
      reloads.add(for: ReloadOutcome.failure.rawValue)
      logger.error("the new certificate is not used, the one before stays", metadata: ["reason": "\(error)"])
    }
  }

  /// Why no client can trust the certificate now; nil when one can.
  func problem(at now: Timestamp) -> String? {
    guard let lifetime = tls.current.certificateLifetime else { return nil }
    let seconds = now.microseconds / 1_000_000
    if seconds < lifetime.begin { return "the certificate is not valid yet; is the clock right?" }
    return seconds >= lifetime.end ? "the certificate has expired" : nil
  }

  /// What will be a problem if nobody does anything.
  func warnings(at now: Timestamp) -> [String] {
    var warnings: [String] = []
    if let failure = tls.failure { warnings.append("the certificate's files changed and cannot be used: \(failure)") }
    if let end = tls.current.certificateLifetime?.end {
      let days = (end - now.microseconds / 1_000_000) / 86_400
      if days < ServerLimits.certificateWarningDays {
        warnings.append("the certificate expires in \(max(0, days)) days")
      }
    }
    return warnings
  }
}

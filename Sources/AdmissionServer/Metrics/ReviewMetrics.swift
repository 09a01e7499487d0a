// The figures of the reviews.

internal import Evaluation
internal import NIOCore

/// What `/metrics` tells about reviews.
struct ReviewMetrics: Sendable {
  /// Every status with which a review is answered.
  static let codes = ["200", "400", "404", "405", "408", "413", "414", "415", "431", "500", "503"]

  private let verdicts: VerdictCounter
  private let responses: MetricCounter
  private let shed: MetricCounter
  private let durations: MetricHistogram
  private let bodies: MetricHistogram

  /// Why reviews are refused before they are judged.
  enum ShedReason: String, CaseIterable {
    /// Bodies take too much memory.
    case memory
    /// Too many wait for the ledger.
    case ledger
  }

  init(_ metrics: Metrics, _ load: ReviewLoad) {
    let verdicts = VerdictCounter()
    self.verdicts = verdicts
    metrics.samples(
      "hostfence_verdicts_total",
      type: "counter",
      help: "Reviews that were judged, by mode, decision, operation, resource and namespace."
    ) { verdicts.samples($0) }
    responses = metrics.counter(
      "hostfence_responses_total",
      help: "Answers of the webhook, by HTTP status code.",
      label: "code",
      values: Self.codes
    )
    shed = metrics.counter(
      "hostfence_reviews_shed_total",
      help: "Reviews answered with 503 before they were judged, by what there was too much of.",
      label: "reason",
      values: ShedReason.allCases.map(\.rawValue)
    )
    durations = metrics.histogram(
      "hostfence_review_duration_seconds",
      help: "From the head of a review to its answer, the ledger included.",
      bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    )
    bodies = metrics.histogram(
      "hostfence_review_body_bytes",
      help: "Size of the bodies of reviews that were judged.",
      bounds: [1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304]
    )
    metrics.gauge("hostfence_reviews_in_flight", help: "Reviews that wait for the ledger.", read: { load.inFlight })
    metrics.gauge(
      "hostfence_review_bytes",
      help: "Size of the bodies of reviews that are coming in or being judged, in bytes.",
      read: { load.bytes }
    )
  }

  func countResponse(code: Int) { responses.add(for: String(code)) }

  func count(_ reason: ShedReason) { shed.add(for: reason.rawValue) }

  func count(_ verdict: VerdictCounter.Key, bodyBytes: Int) {
    verdicts.add(verdict)
    bodies.observe(Double(bodyBytes))
  }

  func observe(_ duration: TimeAmount) { durations.observe(Double(duration.nanoseconds) / 1e9) }
}

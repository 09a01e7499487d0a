// What a replay tells of its delivery to a collector.

internal import EventCollector
internal import Evaluation

/// What became of data on their way; told on standard error as it happens.
struct DeliveryReport: Sendable {
  private(set) var delivered = 0
  private(set) var refused = 0
  /// What last went wrong, and where.
  private(set) var trouble: String?

  mutating func apply(_ notice: CollectorNotice) {
    switch notice {
    case .delivered(let count): delivered += count
    case .dropped(let id, let reason):
      refused += 1
      StandardStream.error.write("hostfence: the collector refused \(Wording.singleLine(id)): \(reason)\n")
    case .failed(let endpoint, let reason):
      let words = "\(endpoint): \(reason)"
      // Each kind of trouble once: it may last for hours.
      if words != trouble { StandardStream.error.write("hostfence: delivery failed and is retried: \(words)\n") }
      trouble = words
    case .stopped(let endpoint, let reason): trouble = "\(endpoint): \(reason)"
    case .unacknowledged(let endpoint, let reason):
      StandardStream.error.write("hostfence: what \(endpoint) takes counts as delivered: \(reason)\n")
    }
  }
}

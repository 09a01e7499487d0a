// `hostfence replay --to-hec`

internal import EventCollector
internal import Glibc
internal import Reports
internal import RiskLedger
internal import Threads

/// Delivers what a replay recorded, and waits until all of it was taken, by this process or by a server that delivers from
/// the same ledger.
///
/// The ledger remembers how far delivery is, so one that was broken off goes on where it was.
enum ReplayDelivery {
  private static let pollMicroseconds: UInt32 = 100_000

  /// Delivers; nothing without a collector.
  ///
  /// - Throws: `Failure` when only a change of the settings can help, or an event was refused for good.
  static func run(_ collector: CollectorOptions, _ ledger: LedgerURL) throws {
    let report = Monitor(DeliveryReport())
    // A server may go on recording into the ledger for ever.
    guard let last = try collector.lastRecorded(ledger) else { return }
    let exporter = try collector.start(ledger) { notice in report.update { $0.apply(notice) } }
    guard let exporter else { return }
    defer { exporter.close() }
    let isTerminal = isatty(STDERR_FILENO) == 1
    while true {
      usleep(pollMicroseconds)
      let state = exporter.state
      if isTerminal {
        let words =
          state.isHolder
          ? "\(state.delivered) delivered, \(state.lag ?? 0) to go, \(NumberText.counted(state.failures, "failure"))"
          : "waiting: another process delivers from this ledger, \(state.lag ?? 0) to go"
        StandardStream.error.write("\r\u{1B}[K\(words)")
      }
      guard !state.isStopped else {
        throw Failure(
          "nothing more is delivered: \(report.withLock { $0.trouble } ?? "the collector wants other settings"). What is left is in the ledger"
        )
      }
      if let position = state.position, position.delivered >= last { break }
    }
    let state = exporter.state
    StandardStream.error.write(
      "\(isTerminal ? ReplayProgressLine.erasure : "")hostfence: \(NumberText.counted(state.delivered, "event")) delivered to the collector\n"
    )
    if state.dropped > 0 {
      throw Failure(
        "the collector refused \(NumberText.counted(state.dropped, "event")) for good; they are named above, and in the ledger"
      )
    }
  }
}

// What `hostfence serve` does with risk events: records, copies, counts and delivers them.

internal import AdmissionServer
internal import EventCollector
internal import Evaluation
internal import Glibc
internal import Logging
internal import RiskLedger

/// Where the risk events of a server go, from the first one to the end of the process.
struct ServedRisk {
  let writer: LedgerWriter
  /// The counted risk of users, for a policy that escalates.
  let scores = RiskScores()
  /// Nil when nothing is delivered.
  let exporter: CollectorExporter?
  private let stream: RiskEventStream
  private let follower: RiskScoreFollower

  /// Opens the ledger, and starts what follows it.
  ///
  /// - Parameters:
  ///   - keepSeconds: how long events are kept; nil for ever.
  ///   - line: writes an event for standard output.
  /// - Throws: `LedgerError`, `TLSError` or `ValidationError` when one of them cannot be used.
  init(
    _ ledger: LedgerURL,
    keepSeconds: Int64?,
    line: @escaping @Sendable (RecordedRiskEvent) -> [UInt8],
    policy: PolicyInForce,
    collector: CollectorOptions,
    logger: Logger
  ) throws {
    let stream = RiskEventStream(descriptor: STDOUT_FILENO, line: line) { logger.error("\($0)") }
    self.stream = stream
    let pruning = keepSeconds.map { seconds in
      LedgerPruning(LedgerRetention(keepSeconds: seconds), now: { SystemClock.now() }) { error in
        logger.warning(
          "old risk events cannot be deleted; they stay until it succeeds",
          metadata: ["reason": "\(error)"]
        )
      }
    }
    writer = try LedgerWriter(ledger, pruning: pruning) { [scores] events in
      scores.add(events)
      stream.write(events)
    }
    follower = try RiskScoreFollower(
      ledger,
      scores,
      windowSeconds: { policy.current.risk.escalation?.windowSeconds },
      now: { SystemClock.now() },
      notify: { error in
        let note = "the ledger cannot be read; escalation goes by the charges of this server alone"
        logger.warning("\(note)", metadata: ["reason": "\(error)"])
      }
    )
    try collector.begin(ledger)
    exporter = try collector.start(ledger) { CollectorOptions.log($0, logger) }
  }

  /// Ends all of it: the events first, then those who follow them, then their copies.
  ///
  /// With a database that does not answer each of them takes seconds to end, which they take together.
  func close() {
    follower.beginClosing()
    exporter?.beginClosing()
    writer.close()
    follower.close()
    exporter?.close()
    stream.close()
  }
}

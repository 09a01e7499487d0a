// Where the findings of a replay go: reports and the ledger, as they come.

internal import AuditLog
internal import Evaluation
internal import Reports
internal import RiskLedger

/// Takes findings, hands them to every report, and records their risk events.
final class ReplaySession: ReplayHandler {
  private struct Report {
    var report: any ReplayReport
    let stream: OutputStream
  }

  private let settings: ReplaySettings
  private var reports: [Report] = []
  private var ledger: KeptLedger?
  private var pending: [RiskEvent] = []
  /// Risk events per transaction.
  private var batchSize = LedgerBatchSize()
  private var recordedEvents = 0
  private var failure: (any Error)?
  /// Exemptions for what recurs, where they are asked for.
  private(set) var suggestions: ExemptionSuggestions?

  /// Opens the outputs and the ledger, and begins the reports.
  ///
  /// - Throws: `Failure` or `LedgerError` when one of them cannot be written.
  init(
    _ outputs: [ReportOutput<ReplayFormat>],
    _ settings: ReplaySettings,
    ledger url: LedgerURL,
    suggestions: ExemptionSuggestions? = nil
  ) throws {
    self.settings = settings
    self.suggestions = suggestions
    let open = { () throws(LedgerError) in try url.open(.readWrite) }
    ledger = url == .none ? nil : KeptLedger(try open(), open: open)
    for output in outputs {
      let stream = try OutputStream(output.file)
      var report = output.report(settings, style: stream.style, widthColumns: stream.widthColumns)
      try stream.write(report.begin())
      reports.append(Report(report: report, stream: stream))
    }
  }

  /// Whether going on is of no use: nothing more can be written, or nobody reads it.
  var isOver: Bool {
    failure != nil || (ledger == nil && !reports.isEmpty && reports.allSatisfy(\.stream.isUnread))
  }

  func receive(_ finding: ReplayFinding) {
    write { report in report.add(finding) }
    suggestions?.add(finding)
    guard ledger != nil else { return }
    pending += finding.riskEvents
    if pending.count >= batchSize.events { record() }
  }

  func receive(_ compared: ComparedEvent) {
    write { report in report.add(compared) }
  }

  /// Makes what was found so far visible and durable.
  func flush() {
    record()
    attempt { for report in reports { try report.stream.flush() } }
  }

  /// Writes the rows of the Splunk search, where it was asked for, and ends the reports.
  ///
  /// - Returns: the summary of the replay, with what was recorded.
  /// - Throws: what first stopped a report or the ledger.
  func end(_ engine: ReplayEngine<ReplaySession>) throws -> ReplaySummary {
    if settings.semantics == .splunk, !settings.compares {
      engine.table.forEachRow { row in write { report in report.add(row) } }
    }
    record()
    var summary = engine.summary
    summary.recordedEvents = recordedEvents
    write { report in report.end(summary) }
    attempt { for report in reports { try report.stream.close() } }
    if let failure { throw failure }
    return summary
  }

  private func write(_ render: (inout any ReplayReport) -> [UInt8]) {
    attempt {
      for place in reports.indices { try reports[place].stream.write(render(&reports[place].report)) }
    }
  }

  private func record() {
    guard !pending.isEmpty else { return }
    attempt {
      recordedEvents += try batchSize.measuring { () throws(LedgerError) in
        try ledger?.use { ledger throws(LedgerError) in try ledger.append(pending).count } ?? 0
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  private func attempt(_ body: () throws -> Void) {
    guard failure == nil else { return }
    do { try body() } catch { failure = error }
  }
}

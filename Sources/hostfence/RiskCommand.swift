// `hostfence risk`

internal import ArgumentParser
internal import EventCollector
internal import Evaluation
internal import JSONDocument
internal import Reports
internal import RiskLedger

extension Verdict: ExpressibleByArgument {}
extension RiskReportFormat: ExpressibleByArgument {}
extension RiskIncident.Severity: ExpressibleByArgument {}

struct RiskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "risk",
    abstract: "Who was charged with how much risk, what became an incident, and every event behind it.",
    discussion: """
      Reads the ledger that serve and replay write, also while they do. An event counts towards a user's risk when the \
      request put the attachment there and the same attachment did not count shortly before. What controllers derive from \
      an object is charged to whoever made the object, once, and listed as evidence.

      EXAMPLES
        hostfence risk objects --since 7d
        hostfence risk incidents --since 24h --fail-on high
        hostfence risk events --user alice --output csv
        hostfence risk incidents --output html > risk.html
      """,
    subcommands: [
      RiskObjectsCommand.self, RiskIncidentsCommand.self, RiskEventsCommand.self, RiskExportCommand.self,
      RiskImportCommand.self,
    ]
  )
}

struct RiskObjectsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "objects",
    abstract: "List the users with the most risk."
  )

  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var selection: RiskPeriodOptions
  @OptionGroup var threshold: RiskThresholdOptions

  @Option(help: "At most this many.")
  var limit = 20

  @Option(help: "text, json, csv, or html: one page about the whole period.")
  var output: RiskReportFormat = .text

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1") }
    try output.requireSummary()
    try ledger.requireEvents()
  }

  func run() throws {
    let store = try ledger.openForReading()
    if output == .html { return try RiskPageOutput.deliver(store, selection.period, threshold.value) }
    let objects = try store.riskObjects(in: selection.period, limit: limit)
    try StandardStream.output.deliver(
      output == .json
        ? RiskObjectsReport.json(objects)
        : output == .csv
          ? RiskObjectsReport.csv(objects) : RiskObjectsReport.text(objects, style: StandardStream.output.style)
    )
  }
}

struct RiskIncidentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incidents",
    abstract: "List when somebody's risk added up to too much, with the evidence.",
    discussion: """
      As Splunk Enterprise Security's rule: the scores that counted within 24 hours add up to more than 100. Below 250 that \
      is medium, below 500 high, and critical from there on.
      """
  )

  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var selection: RiskPeriodOptions
  @OptionGroup var threshold: RiskThresholdOptions

  @Option(help: "Exit with 1 when there is an incident as grave as this: medium, high or critical.")
  var failOn: RiskIncident.Severity?

  @Option(help: "text, json, csv, or html: one page about the whole period.")
  var output: RiskReportFormat = .text

  /// Events of one incident that are listed.
  private static let evidenceMax = 10_000

  func validate() throws {
    try output.requireSummary()
    try ledger.requireEvents()
  }

  func run() throws {
    let store = try ledger.openForReading()
    if output == .html { return try RiskPageOutput.deliver(store, selection.period, threshold.value) }
    let evidenceMax = output == .json ? Self.evidenceMax : output == .text ? RiskIncidentsReport.evidenceShown : 0
    let incidents = try store.incidents(in: selection.period, threshold.value, evidenceMax: evidenceMax)
    switch output {
    case .json: try StandardStream.output.deliver(RiskIncidentsReport.json(incidents))
    case .csv: try StandardStream.output.deliver(RiskIncidentsReport.csv(incidents))
    // Told of above and before.
    case .html, .ocsf: break
    case .text:
      try StandardStream.output.deliver(RiskIncidentsReport.text(incidents, style: StandardStream.output.style))
    }
    if let failOn, incidents.contains(where: { $0.severity >= failOn }) {
      throw Termination.code(.found)
    }
  }
}

struct RiskEventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "List recorded risk events, in the order of their time."
  )

  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var selection: RiskPeriodOptions

  @Option(help: "Only requests that ended so: allow, warn or deny.")
  var decision: Verdict?

  @Option(help: "At most this many events, the earliest first.")
  var limit: Int?

  @Option(help: "text, json, csv, ocsf (findings, one per line), or html: one page about the whole period.")
  var output: RiskReportFormat = .text

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    try ledger.requireEvents()
  }

  func run() throws {
    let store = try ledger.openForReading()
    let query = RiskEventQuery(
      since: selection.since?.time,
      until: selection.until?.time,
      riskObject: selection.user,
      namespace: selection.namespace,
      decision: decision,
      limit: limit
    )
    switch output {
    case .html: try RiskPageOutput.deliver(store, selection.period, RiskThreshold())
    case .text:
      let table = RiskEventsTextReport.render(try store.events(matching: query), style: StandardStream.output.style)
      try StandardStream.output.deliver(table)
    case .csv:
      try StandardStream.output.deliver(RiskEventsCSVReport.names)
      try deliverEach(store, query) { RiskEventsCSVReport.line($0) }
    case .ocsf:
      try deliverEach(store, query) { recorded in
        var writer = JSONWriter(capacityBytes: 4_096)
        OCSFFinding(recorded, productVersion: Version.text).write(to: &writer)
        writer.newline()
        return writer.bytes
      }
    case .json:
      var report = RiskEventsJSONReport()
      try deliverEach(store, query) { report.append($0) }
      try StandardStream.output.deliver(report.end())
    }
  }

  /// Writes one event after the other, so that a ledger of any size fits.
  private func deliverEach(
    _ store: any RiskLedger,
    _ query: RiskEventQuery,
    _ render: (RecordedRiskEvent) -> [UInt8]
  ) throws {
    var problem: Failure?
    try store.forEachEvent(matching: query) { event in
      do throws(Failure) { try StandardStream.output.deliver(render(event)) } catch { problem = error }
      return problem == nil
    }
    if let problem { throw problem }
  }
}

/// The page about a period.
enum RiskPageOutput {
  /// Writes the page to standard output.
  static func deliver(_ store: any RiskLedger, _ period: RiskPeriod, _ threshold: RiskThreshold) throws {
    let data = try RiskPageData(store, period: period, threshold: threshold, at: SystemClock.now())
    try StandardStream.output.deliver(RiskPage.render(data))
  }
}

extension RiskReportFormat {
  /// Refuses the format that only tells of single events.
  ///
  /// - Throws: `ValidationError`.
  func requireSummary() throws {
    if self == .ocsf { throw ValidationError("ocsf tells of events: hostfence risk events --output ocsf") }
  }
}

extension ReportFormat: ExpressibleByArgument {}

extension Timestamp: ExpressibleByArgument {
  package init?(argument: String) { self.init(rfc3339: argument) }
}

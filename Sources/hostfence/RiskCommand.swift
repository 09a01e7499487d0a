// `hostfence risk`

internal import ArgumentParser
internal import EventCollector
internal import Evaluation
internal import Reports
internal import RiskLedger

extension Verdict: ExpressibleByArgument {}
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

  @Option(help: "At most this many; 20 by default. Not with html.")
  var limit: Int?

  @Option(help: RiskOutputHelp.summary)
  var output: [ReportOutput<RiskSummaryFormat>] = [ReportOutput(format: .text)]

  private static let limitDefault = 20

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    if output.contains(where: { $0.format == .html }) { try refuseBesidePage(["--limit": limit != nil]) }
    try validateOutputs(output.map(\.file))
    try ledger.requireEvents()
  }

  func run() throws {
    let store = try ledger.openForReading()
    let limit = limit ?? Self.limitDefault
    for output in output {
      let report =
        switch output.format {
        case .html: try RiskPage.render(store, selection.period, threshold.value)
        case .json: RiskObjectsReport.json(try store.riskObjects(in: selection.period, limit: limit))
        case .csv: RiskObjectsReport.csv(try store.riskObjects(in: selection.period, limit: limit))
        case .text:
          RiskObjectsReport.text(
            try store.riskObjects(in: selection.period, limit: limit),
            style: output.style,
            widthColumns: output.widthColumns
          )
        }
      try output.deliver(report)
    }
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

  @Option(help: RiskOutputHelp.summary)
  var output: [ReportOutput<RiskSummaryFormat>] = [ReportOutput(format: .text)]

  /// Events of one incident that JSON lists.
  private static let evidenceMax = 10_000

  func validate() throws {
    try validateOutputs(output.map(\.file))
    try ledger.requireEvents()
  }

  func run() throws {
    let store = try ledger.openForReading()
    let incidents = try store.incidents(in: selection.period, threshold.value, evidenceMax: evidenceMax)
    for output in output {
      let report =
        switch output.format {
        case .html: try RiskPage.render(store, selection.period, threshold.value)
        case .json: RiskIncidentsReport.json(incidents)
        case .csv: RiskIncidentsReport.csv(incidents)
        case .text: RiskIncidentsReport.text(incidents, style: output.style)
        }
      try output.deliver(report)
    }
    if let failOn, incidents.contains(where: { $0.severity >= failOn }) { throw Termination.code(.found) }
  }

  /// As many events of each incident as any of the outputs lists.
  private var evidenceMax: Int {
    if output.contains(where: { $0.format == .json }) { return Self.evidenceMax }
    return output.contains { $0.format == .text } ? RiskIncidentsReport.evidenceShown : 0
  }
}

struct RiskEventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "List recorded risk events, in the order of their time."
  )

  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var selection: RiskPeriodOptions

  /// An answer to a question.
  enum YesOrNo: String, CaseIterable, ExpressibleByArgument {
    case yes
    case no
  }

  @Option(help: "Only requests that ended so: allow, warn or deny. Not with html.")
  var decision: Verdict?

  @Option(help: "Only events whose score was charged (yes), or only repetitions and evidence (no). Not with html.")
  var counted: YesOrNo?

  @Option(help: "At most this many events, the earliest first. Not with html.")
  var limit: Int?

  @Option(help: RiskOutputHelp.events)
  var output: [ReportOutput<RiskEventsFormat>] = [ReportOutput(format: .text)]

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    if output.contains(where: { $0.format == .html }) {
      try refuseBesidePage(["--decision": decision != nil, "--counted": counted != nil, "--limit": limit != nil])
    }
    try validateOutputs(output.map(\.file))
    try ledger.requireEvents()
  }

  func run() throws {
    let store = try ledger.openForReading()
    var unreadable = 0
    for output in output {
      let stream = try OutputStream(output.file)
      unreadable += try write(output.format, store, to: stream)
      try stream.close()
    }
    try Failure.require(unreadable: unreadable)
  }

  /// Writes events, and says how many cannot be read.
  private func write(_ format: RiskEventsFormat, _ store: any RiskLedger, to stream: OutputStream) throws -> Int {
    switch format {
    case .html:
      try stream.write(RiskPage.render(store, selection.period, RiskThreshold()))
      return 0
    case .text:
      var events: [RecordedRiskEvent] = []
      let unreadable = try stream.writeEach(of: store, query) { event in
        events.append(event)
        return []
      }
      try stream.write(RiskEventsTextReport.render(events, style: stream.style, widthColumns: stream.widthColumns))
      return unreadable
    case .csv:
      try stream.write(RiskEventsCSVReport.names)
      return try stream.writeEach(of: store, query, RiskEventsCSVReport.line)
    case .ocsf:
      return try stream.writeEach(of: store, query) { OCSFFinding($0, productVersion: Version.text).line }
    case .json:
      var report = RiskEventsJSONReport()
      let unreadable = try stream.writeEach(of: store, query) { report.append($0) }
      try stream.write(report.end())
      return unreadable
    }
  }

  private var query: RiskEventQuery {
    RiskEventQuery(selection.period, decision: decision, counted: counted.map { $0 == .yes }, limit: limit)
  }
}

/// Refuses options that choose events beside `--output html`: its sums and incidents are about all of a period.
///
/// - Throws: `ValidationError`, which names the first that is given.
private func refuseBesidePage(_ options: KeyValuePairs<String, Bool>) throws {
  guard let option = options.first(where: \.value) else { return }
  throw ValidationError(
    "\(option.key) does not go with --output html, the page about all of a period; choose by --since, --until, --user "
      + "and --namespace"
  )
}

/// What the help says of `--output`.
private enum RiskOutputHelp {
  static let summary = ArgumentHelp(
    "text, json, csv, or html (one page about the whole period), and a file to write it to; may be repeated.",
    valueName: "format[=file]"
  )
  static let events = ArgumentHelp(
    "text, json, csv, ocsf (findings, one per line), or html, and a file to write it to; may be repeated.",
    valueName: "format[=file]"
  )
}

extension OutputStream {
  /// Writes matching events one after the other, so that a ledger of any size fits; ends when nobody reads on.
  ///
  /// - Returns: how many cannot be read; each is named on standard error.
  func writeEach(
    of ledger: any RiskLedger,
    _ query: RiskEventQuery,
    _ render: (RecordedRiskEvent) -> [UInt8]
  ) throws -> Int {
    var problem: Failure?
    var unreadable = 0
    let tell = { (error: LedgerError) in
      unreadable += 1
      StandardStream.error.write("hostfence: \(error)\n")
    }
    try ledger.forEachReadableEvent(matching: query, unreadable: tell) { event in
      do throws(Failure) { try write(render(event)) } catch { problem = error }
      return problem == nil && !isUnread
    }
    if let problem { throw problem }
    return unreadable
  }
}

extension Failure {
  /// Fails, after all else was written, when there were events that cannot be read.
  ///
  /// - Throws: `Failure`.
  static func require(unreadable count: Int) throws(Failure) {
    guard count > 0 else { return }
    throw Failure("\(NumberText.counted(count, "event")) could not be read and left out; they are named above")
  }
}

extension RiskPage {
  /// The page about a period.
  fileprivate static func render(
    _ store: any RiskLedger,
    _ period: RiskPeriod,
    _ threshold: RiskThreshold
  ) throws -> [UInt8] {
    render(try RiskPageData(store, period: period, threshold: threshold, at: SystemClock.now()))
  }
}

extension ReportFormat: ExpressibleByArgument {}

extension Timestamp: ExpressibleByArgument {
  package init?(argument: String) { self.init(rfc3339: argument) }
}

// `hostfence replay`

internal import ArgumentParser
internal import AuditLog
internal import Evaluation
internal import NIOCore
internal import PolicyFile
internal import Reports
internal import RiskLedger

extension ReplaySemantics: ExpressibleByArgument {}
extension UnjudgedIs: ExpressibleByArgument {}

extension Shard: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Judge what Kubernetes audit logs tell of, as the webhook would have.",
    discussion: """
      Reads audit logs of any origin: files, folders, globs and standard input (-), plain, gzip or zstd, as the API server \
      writes them or wrapped by container runtimes, log agents, Splunk, Loki, OpenTelemetry, EKS, GKE, AKS, OpenShift, OVH \
      and Elastic. What a log is, is recognised by its content. Files are read in the order of their first events. In a \
      folder, reports and the ledger of this very replay are left out.

      Every write that puts a pod on the node's network is a finding: who, what, when, and the verdict of the policy. What \
      could not be judged, because the audit policy did not log the body, is counted, with the policy that would fix it.

      A description of a dataset (.yml, as in Splunk's attack_data repository) stands for the logs that it names.

      EXAMPLES
        hostfence replay /var/log/kubernetes/audit/          who attached what
        hostfence replay --mode deny --output html=r.html .  whom deny would stop
        hostfence replay --semantics splunk audit.log        Splunk's own rows
        hostfence replay --compare audit.log                 what only one finds
        hostfence replay --ledger sqlite:risk.sqlite 'archive/*.gz'
        hostfence replay --policy new.yaml audit.log         a policy's what-if
        hostfence replay --suggest-exemptions audit.log      whom to exempt first
        hostfence replay --follow /var/log/kubernetes/audit/audit.log
      """
  )

  @Argument(help: ArgumentHelp("Files, folders and globs to replay, or - for standard input.", valueName: "path"))
  var paths: [String]

  @OptionGroup var policyOptions: PolicyOptions

  @Option(help: "hostfence or splunk: judge what was written, or run the Splunk analytic's search exactly.")
  var semantics: ReplaySemantics = .hostfence

  @Flag(help: "Report what only one of the two semantics finds, and why.")
  var compare = false

  @Option(
    help: ArgumentHelp(
      "table (the default), csv, json, jsonl or html, and a file to write it to; may be repeated.",
      valueName: "format[=file]"
    )
  )
  var output: [ReportOutput<ReplayFormat>] = []

  @Flag(
    help: """
      Print exemptions for attachments that recur, as a policy in which a person has yet to write reasons and owners.
      """
  )
  var suggestExemptions = false

  @Option(help: ArgumentHelp(PastMoment.sinceHelp, valueName: "moment"))
  var since: PastMoment?

  @Option(help: ArgumentHelp(PastMoment.untilHelp, valueName: "moment"))
  var until: PastMoment?

  @Option(help: "Only requests to this namespace.")
  var namespace: String?

  @Option(help: "Only requests of this user.")
  var user: String?

  @Flag(
    help: """
      Go on reading what is appended to the files that are there now, through rotation and truncation, until interrupted. \
      Files that appear later under new names are not read.
      """
  )
  var follow = false

  @Option(help: ArgumentHelp("Read only part I of N of the files, I from 0: for an Indexed Job.", valueName: "I/N"))
  var shard: Shard?

  @Option(
    help: ArgumentHelp("Record risk events here: sqlite:PATH. A second replay changes nothing.", valueName: "url")
  )
  var ledger = "none"

  @OptionGroup var collector: CollectorOptions

  @OptionGroup var forwarding: ForwardingOptions

  @Option(help: "deny, warn or never: the verdict on a stored object from which on the exit code is 1.")
  var failOn: FailOn = .deny

  @Option(help: "error or warn: what it is when writes of pods and workloads cannot be judged, or lines not be read.")
  var unjudged: UnjudgedIs = .error

  @Option(help: "The longest record that is read, in bytes.")
  var maxLineBytes = AuditLogLimits.recordBytesMax

  @Option(help: "How many threads scan; as many as there are cores by default.")
  var threads: Int?

  func validate() throws {
    if suggestExemptions, compare || semantics == .splunk || follow {
      throw ValidationError("--suggest-exemptions goes without --compare, --semantics and --follow")
    }
    if suggestExemptions, output.contains(where: { $0.file == nil }) {
      throw ValidationError(
        "--suggest-exemptions prints to standard output; write the report to a file: --output json=FILE"
      )
    }
    if paths.isEmpty { throw ValidationError("name an audit log, or - for standard input") }
    try validateOutputs(output.map(\.file))
    if compare, semantics == .splunk {
      throw ValidationError("--compare runs both semantics; leave out --semantics")
    }
    if let since, let until, since.time >= until.time { throw ValidationError("--since must be before --until") }
    guard (AuditLogLimits.segmentBytes...1 << 30).contains(maxLineBytes) else {
      throw ValidationError("--max-line-bytes must be \(AuditLogLimits.segmentBytes) to \(1 << 30)")
    }
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be 1 to 256") }
    if try LedgerOptions.parse(ledger) != .none, compare || semantics == .splunk {
      throw ValidationError(
        "risk events come of Hostfence's own findings; leave out --ledger, --compare or --semantics"
      )
    }
    if let file = LogInputs.firstOverwritten(of: paths, by: try writtenFiles) {
      throw ValidationError("\(file) would be overwritten before it is read: it is a log and an output; name another")
    }
    if !collector.endpoints.isEmpty {
      if try LedgerOptions.parse(ledger) == .none {
        throw ValidationError(
          "--to-hec wants a ledger, which remembers what is not delivered yet: --ledger sqlite:PATH"
        )
      }
      if follow {
        throw ValidationError("--to-hec delivers when a log has ended; leave out --follow, or use serve --hec")
      }
    }
    try forwarding.validate(collector)
    if forwarding.raw, paths.contains(LogFile.standardInputPath) {
      throw ValidationError(
        "--raw reads logs twice, to judge and to forward them; name files instead of standard input"
      )
    }
    if forwarding.raw, since != nil || until != nil || namespace != nil || user != nil {
      throw ValidationError("--raw forwards whole logs; leave out --since, --until, --namespace and --user")
    }
    if follow, shard != nil { throw ValidationError("--follow reads files that grow; leave out --shard") }
    if follow, semantics == .splunk {
      throw ValidationError("the Splunk search has rows only at the end; leave out --follow or --semantics splunk")
    }
  }

  /// What is written, and so never read.
  private var writtenFiles: [String] {
    get throws { try output.compactMap(\.file) + LedgerOptions.parse(ledger).files }
  }

  func run() throws {
    let policy = try policyOptions.load()
    let settings = ReplaySettings(
      policy: policy,
      semantics: semantics,
      compares: compare,
      filter: ReplayFilter(since: since?.time, until: until?.time, namespace: namespace, user: user),
      recordBytesMax: maxLineBytes,
      isShard: shard != nil
    )
    let inputs = try ReplayInputs(paths, outputs: writtenFiles)
    let (files, problems) = LogInputs.resolve(inputs.paths, shard: shard, excluding: inputs.excluded)
    let reports = output.isEmpty && !suggestExemptions ? [ReportOutput(format: .table)] : output
    let session = try ReplaySession(
      reports,
      settings,
      ledger: LedgerOptions.parse(ledger),
      suggestions: suggestExemptions ? emptySuggestions : nil
    )
    try collector.begin(try LedgerOptions.parse(ledger))
    let engine = ReplayEngine(settings, handler: session)
    for problem in problems { engine.receive(problem: problem.message, with: problem.path) }
    if follow {
      Interruption.prepare()
      engine.follow(files) {
        session.flush()
        LogFollower.sleep()
        return !Interruption.isWanted && !session.isOver
      }
    } else {
      var progress = ReplayProgressLine(totalBytes: files.reduce(0) { $0 + $1.size })
      engine.replay(files, threads: threads ?? System.coreCount) { position in
        progress.show(position)
        return !session.isOver
      }
      progress.end()
    }
    let summary = try session.end(engine)
    if let suggestions = session.suggestions {
      try StandardStream.output.deliver(SuggestedPolicyReport.render(suggestions, summary))
    }
    StandardStream.error.write(
      ReplaySummaryText.render(summary, style: StandardStream.error.style, semantics: semantics)
    )
    if semantics == .splunk,
      let note = AnalyticNote.text(absentFields: engine.table.absentFields, omissions: engine.table.omissions)
    {
      StandardStream.error.write("\(note)\n")
    }
    if forwarding.raw {
      try ReplayForwarding.run(collector, forwarding, files, inputs, try LedgerOptions.parse(ledger))
    } else {
      try ReplayDelivery.run(collector, try LedgerOptions.parse(ledger))
    }
    throw Termination.code(Reports.ExitCode(summary, failOn: failOn, unjudged: unjudged))
  }

  private var emptySuggestions: ExemptionSuggestions {
    var spelling = ConditionSpelling()
    return ExemptionSuggestions { spelling.canSpell($0) }
  }
}

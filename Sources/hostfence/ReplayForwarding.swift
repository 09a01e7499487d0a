// `hostfence replay --to-hec --raw`

internal import ArgumentParser
internal import AttackData
internal import AuditLog
internal import Compression
internal import EventCollector
internal import Glibc
internal import Reports
internal import RiskLedger

/// How logs are forwarded as they are.
struct ForwardingOptions: ParsableArguments {
  @Flag(help: "With --to-hec: forward the logs themselves, line by line, instead of risk events.")
  var raw = false

  @Option(
    name: .customLong("hec-source"),
    help: "The source of forwarded logs; by default what a dataset's description says, or kubernetes."
  )
  var source: String?

  @Option(
    name: .customLong("hec-sourcetype"),
    help: "The sourcetype of forwarded logs; by default what a dataset's description says, or _json."
  )
  var sourcetype: String?

  /// Refuses what does not go together.
  ///
  /// - Throws: `ValidationError`.
  func validate(_ collector: CollectorOptions) throws {
    if !raw, source != nil || sourcetype != nil {
      throw ValidationError("--hec-source and --hec-sourcetype are of forwarded logs; they go with --raw")
    }
    if raw, collector.beginning == .now {
      throw ValidationError("--hec-begin is of risk events; --raw forwards what was not forwarded yet of each log")
    }
    if raw, collector.endpoints.isEmpty { throw ValidationError("--raw wants --to-hec: where to forward to") }
  }
}

/// Forwards the logs of a replay, and waits until all of them were taken.
///
/// The ledger remembers how far each log is, so that a run that was broken off goes on where it was.
enum ReplayForwarding {
  /// Forwards.
  ///
  /// What a description of a dataset says of a log counts where no option says otherwise.
  ///
  /// - Throws: `Failure` when a log could not be forwarded to its end, or a line was refused.
  static func run(
    _ collector: CollectorOptions,
    _ options: ForwardingOptions,
    _ files: [LogFile],
    _ inputs: ReplayInputs,
    _ ledger: LedgerURL
  ) throws {
    guard let destination = try collector.destination(), let outbox = try ledger.openOutbox() else { return }
    var report = DeliveryReport()
    let forwarder = LogForwarder(
      destination,
      outbox: outbox,
      wait: { usleep(UInt32($0) * 1_000) },
      notify: { report.apply($0) }
    )
    var progress = ReplayProgressLine(totalBytes: files.reduce(0) { $0 + $1.size })
    var done = 0
    for file in files {
      let described = inputs.description(of: file)
      let metadata = LogMetadata(
        index: collector.index ?? described?.log.index,
        source: options.source ?? described?.log.source ?? LogMetadata.usual.source,
        sourcetype: options.sourcetype ?? described?.log.sourcetype ?? LogMetadata.usual.sourcetype,
        host: collector.host ?? described?.dataset.id ?? LogMetadata.usual.host
      )
      do throws(LogForwarderError) {
        try forwarder.forward(try open(file), name: file.path, metadata: metadata) { progress.show(bytes: done + $0) }
      } catch {
        progress.end()
        throw failure(of: file, error, report.trouble)
      }
      done += file.size
    }
    progress.end()
    StandardStream.error.write(
      "hostfence: \(NumberText.counted(report.delivered, "line")) forwarded to the collector\n"
    )
    if report.refused > 0 {
      throw Failure(
        "the collector refused \(NumberText.counted(report.refused, "line")) for good; they are named above"
      )
    }
  }

  private static func open(_ file: LogFile) throws(LogForwarderError) -> DecompressingReader {
    do throws(InputError) { return try file.open() } catch { throw .unreadable(error) }
  }

  private static func failure(of file: LogFile, _ error: LogForwarderError, _ trouble: String?) -> Failure {
    switch error {
    case .stopped:
      Failure(
        "nothing more is forwarded: \(trouble ?? "the collector wants other settings"). A further run goes on here"
      )
    case .shortened: Failure("\(file.name) has become shorter than what was forwarded of it; nothing of it was sent")
    case .unreadable(let error): Failure("\(file.name) \(error)")
    case .ledger(let error): Failure("\(error)")
    }
  }
}

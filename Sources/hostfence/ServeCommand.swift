// `hostfence serve`

internal import AdmissionServer
internal import ArgumentParser
internal import EventCollector
internal import Evaluation
internal import Glibc
internal import Logging
internal import PolicyFile
internal import RiskLedger
internal import ServiceLifecycle
internal import TLS
internal import UnixSignals

extension LedgerFailurePolicy: ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the admission webhook over HTTPS.",
    discussion: """
      Answers AdmissionReviews (admission.k8s.io/v1) on POST /validate as the policy (or --mode) says, and on /validate/audit, \
      /validate/warn and /validate/deny in the mode of the path. An answer that carries a risk event is sent after the \
      ledger has the event durably; each event is also one line of JSON on standard output. /livez, /readyz and /metrics are \
      on the admin listener, over plain HTTP, and so is /risk, a page about who was charged with what.

      The certificate, its key and the client CA are read again when their files change, also as mounted Secrets do; \
      connections go on. Files that cannot be used are refused, and the certificate before stays. So are the files of \
      --policy, whose dates and exemptions that expire go by the clock; an answer names the policy that decided.

      With --hec, risk events are delivered to Splunk, at least once, from the ledger: what a collector does not take now \
      waits there, and an event that goes out twice has the same hostfence_id. Of servers that share a ledger one delivers.

      With --audit-webhook, POST /audit takes the API server's audit events (--audit-webhook-config-file): an EventList \
      of audit.k8s.io/v1, an Event or an array of them, up to \(ServerLimits.auditBodyBytesMax >> 20) MiB. They are judged as \
      by replay, and answered with 200 once their risk events are durable. Batches in memory take \
      \(ServerLimits.auditQueueBytesMax >> 20) MiB together; further ones are answered with 503, and the API server \
      sends them again. Without --client-ca anybody who reaches the port can write risk events, about anybody.

      EXAMPLE
        hostfence serve --listen 0.0.0.0:8443 --admin-listen 127.0.0.1:8081 --tls-cert tls.crt --tls-key tls.key \\
                        --mode warn --ledger sqlite:/var/lib/hostfence/ledger.sqlite
      """
  )

  @Option(help: ArgumentHelp("Where the webhook listens.", valueName: "address:port"))
  var listen = ListenAddress(host: "127.0.0.1", port: 8443)

  @Option(help: ArgumentHelp("Where /livez, /readyz, /metrics and /risk are.", valueName: "address:port"))
  var adminListen = ListenAddress(host: "127.0.0.1", port: 8081)

  @Option(help: ArgumentHelp("The serving certificate, PEM; intermediate certificates behind it.", valueName: "file"))
  var tlsCert: String

  @Option(help: ArgumentHelp("The private key of the certificate, PEM.", valueName: "file"))
  var tlsKey: String

  @Option(help: ArgumentHelp("Accept only clients with a certificate signed by these authorities.", valueName: "file"))
  var clientCa: String?

  @Option(
    help: ArgumentHelp(
      "Accept only clients whose certificate carries this common name or DNS name; may be repeated.",
      valueName: "name"
    )
  )
  var clientName: [String] = []

  @Flag(help: "Take the API server's audit events on POST /audit; use it with --client-ca, as they write risk events.")
  var auditWebhook = false

  @OptionGroup var policyOptions: PolicyOptions

  @OptionGroup var ledger: LedgerOptions

  @Option(help: ArgumentHelp("Delete risk events that are older: 90d; without it they stay.", valueName: "duration"))
  var keep: String?

  @Option(help: "admit or refuse: what becomes of a request whose risk event cannot be recorded.")
  var onLedgerFailure: LedgerFailurePolicy = .admit

  @OptionGroup var collector: CollectorOptions

  @Option(help: "json or ocsf (OCSF Detection Findings): how risk events are written to standard output.")
  var eventFormat: EventFormat = .json

  @Option(help: "text or json: how the log on standard error is written.")
  var logFormat: LogFormat = .text

  @Flag(inversion: .prefixedNo, help: "Show the risk of the last 7 days on the admin listener, at /risk.")
  var riskPage = true

  @Option(help: "Seconds to go on serving after SIGTERM, while /readyz already says no.")
  var shutdownDelay = 0

  func validate() throws {
    if clientCa == nil, !clientName.isEmpty {
      throw ValidationError("--client-name wants --client-ca: without it nobody shows a certificate")
    }
    if let keep, PolicyMoment.seconds(keep) == nil {
      throw ValidationError("--keep must be a whole number of seconds, minutes, hours or days, as in 90d")
    }
    guard (0...60).contains(shutdownDelay) else { throw ValidationError("--shutdown-delay must be 0 to 60 seconds") }
  }

  func run() async throws {
    let label = "hostfence"
    let log = LogStream(descriptor: STDERR_FILENO) { [logFormat] lines in
      let message = "\(lines) lines of the log were left out, as nobody read it in time"
      return logFormat.line(SystemClock.now(), level: "warning", logger: label, message: message, [])
    }
    // The last of all, so that every end is told of.
    defer { log.close() }
    let logger = Logger(label: label) { [logFormat] label in
      StreamedLog(label: label, format: logFormat, stream: log, now: { SystemClock.now() })
    }
    FileDescriptors.raiseLimit()
    let (policy, policySource) = try policyOptions.loadForServing()

    let tls = try ReloadingTLSContext(
      ServerCertificateFiles(
        certificateChain: tlsCert,
        privateKey: tlsKey,
        clientCA: clientCa,
        clientNames: clientName
      )
    )
    let risk = try ServedRisk(
      ledger.ledger,
      keepSeconds: keep.flatMap(PolicyMoment.seconds),
      line: eventFormat.line,
      policy: policy,
      collector: collector,
      logger: logger
    )
    let recorder = RiskRecorder(
      writer: risk.writer,
      onFailure: onLedgerFailure,
      emergencyOutput: { log.write($0) }
    )
    let metrics = Metrics()
    metrics.info("hostfence_build_info", help: "The running program.", labels: [("version", Version.text)])
    risk.exporter?.register(in: metrics)
    let audit = auditWebhook ? auditQueue(policy, recorder, metrics, logger) : nil
    let server = AdmissionServer(
      listen: listen,
      adminListen: adminListen,
      tls: tls,
      policy: policy,
      policySource: policySource,
      scores: risk.scores,
      recorder: recorder,
      audit: audit,
      metrics: metrics,
      riskPage: riskPage && ledger.ledger != .none ? ServedRiskPage(ledger.ledger).read : nil,
      shutdownDelaySeconds: shutdownDelay,
      now: { SystemClock.now() },
      logger: logger
    )
    let services = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger
      )
    )
    // In this order: no more answers, then what was handed over and not judged, then the events.
    defer {
      audit?.close()
      risk.close()
    }
    try await services.run()
  }

  private func auditQueue(
    _ policy: PolicyInForce,
    _ recorder: RiskRecorder,
    _ metrics: Metrics,
    _ logger: Logger
  ) -> AuditQueue {
    if clientCa == nil {
      logger.warning("anybody who reaches the port can write risk events: set --client-ca beside --audit-webhook")
    }
    return AuditQueue(
      recorder: recorder,
      metrics: metrics,
      unjudgedReasons: AuditWebhookJudge.unjudgedReasons,
      judge: { AuditWebhookJudge(policy: policy) }
    )
  }
}

extension ListenAddress: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

// `--hec` and what belongs to it.

internal import AdmissionServer
internal import ArgumentParser
internal import EventCollector
internal import Evaluation
internal import Glibc
internal import Logging
internal import Manifests
internal import RiskLedger
internal import TLS

extension CollectorShape: ExpressibleByArgument {}

/// Where risk events are delivered.
struct CollectorOptions: ParsableArguments {
  @Option(
    name: [.customLong("hec"), .customLong("to-hec")],
    help: ArgumentHelp(
      "A Splunk HTTP Event Collector, for example https://splunk.example.com:8088; repeat it for failover.",
      valueName: "url"
    )
  )
  var addresses: [String] = []

  @Option(
    name: .customLong("hec-token-file"),
    help: ArgumentHelp("File with its token and nothing else; read again before each request.", valueName: "file")
  )
  var tokenFile: String?

  @Option(
    name: .customLong("hec-ca"),
    help: ArgumentHelp("Authorities to trust instead of the system's, PEM.", valueName: "file")
  )
  var authorities: String?

  @Option(
    name: .customLong("hec-shape"),
    help: "risk: what Enterprise Security reads, of events that count; event: all as JSON; ocsf: all as OCSF findings."
  )
  var shape: CollectorShape = .risk

  @Option(
    name: .customLong("hec-index"),
    help:
      "The index; by default risk for the shape risk, for others the token's own or, with --raw, that of the dataset."
  )
  var index: String?

  @Option(
    name: .customLong("hec-host"),
    help: "The host field, for example the cluster's name; by default hostfence or, with --raw, the dataset's id."
  )
  var host: String?

  @Flag(name: .customLong("hec-ack"), help: "Count events as delivered only when they are indexed (useACK).")
  var acknowledges = false

  @Option(
    name: .customLong("hec-begin"),
    help:
      "Where delivery begins in a ledger of which nothing was delivered yet in this shape, by serve or replay: first (what is there), now (what this run records)."
  )
  var beginning: CollectorBeginning = .first

  @Option(
    name: .customLong("hec-proxy"),
    help: ArgumentHelp("An HTTP proxy on the way to it, as in http://proxy.example.com:3128.", valueName: "url")
  )
  var proxyAddress: String?

  @Option(
    name: .customLong("hec-proxy-auth-file"),
    help: ArgumentHelp("The file of the proxy's USER:PASSWORD.", valueName: "file")
  )
  var proxyCredentials: String?

  /// What the addresses mean.
  private(set) var endpoints: [CollectorEndpoint] = []
  /// What the proxy's address means.
  private(set) var proxy: CollectorProxy?

  private enum CodingKeys: CodingKey {
    case addresses
    case tokenFile
    case authorities
    case shape
    case index
    case host
    case acknowledges
    case beginning
    case proxyAddress
    case proxyCredentials
  }

  mutating func validate() throws {
    endpoints = try addresses.map { address in
      if let endpoint = CollectorEndpoint(address) { return endpoint }
      throw ValidationError(
        "--hec must be an address like https://splunk.example.com:8088; http only for a collector on this machine, as the token is sent in clear"
      )
    }
    try validateProxy()
    guard !endpoints.isEmpty else { return }
    guard let tokenFile else {
      throw ValidationError("--hec wants --hec-token-file: a file that holds the token and nothing else")
    }
    if Self.word(in: tokenFile) == nil {
      throw ValidationError("the token file \(tokenFile) cannot be read, or is no token")
    }
  }

  private mutating func validateProxy() throws {
    guard let proxyAddress else {
      if proxyCredentials != nil { throw ValidationError("--hec-proxy-auth-file goes with --hec-proxy") }
      return
    }
    proxy = CollectorProxy(proxyAddress)
    if proxy == nil {
      throw ValidationError(
        "--hec-proxy must be an address like http://proxy.example.com:3128; credentials go into --hec-proxy-auth-file"
      )
    }
    guard let proxyCredentials else { return }
    proxy?.credentials = Self.word(in: proxyCredentials)
    guard proxy?.credentials?.contains(":") == true else {
      throw ValidationError("the file \(proxyCredentials) cannot be read, or does not hold USER:PASSWORD")
    }
  }

  /// Ledgers have it by this name from when only servers delivered.
  private var name: String { "serve:\(shape.rawValue)" }

  /// Lets delivery begin where it is to, before anything of this run is recorded.
  ///
  /// - Throws: `LedgerError`.
  func begin(_ ledger: LedgerURL) throws {
    guard !endpoints.isEmpty, beginning == .now else { return }
    try ledger.openOutbox()?.skipRecorded(name)
  }

  /// The last event that a ledger has now, and that is to be delivered; nil when nothing is.
  ///
  /// - Throws: `LedgerError`.
  func lastRecorded(_ ledger: LedgerURL) throws -> Int64? {
    guard !endpoints.isEmpty else { return nil }
    return try ledger.openOutbox()?.lastSequence()
  }

  /// Starts to deliver what a ledger records; nil when nothing is to be delivered.
  ///
  /// The ledger remembers for each shape how far delivery is: whatever door an event came by, it goes out once.
  /// - Throws: `TLSError` for authorities that cannot be used, `ValidationError` without a ledger.
  func start(
    _ ledger: LedgerURL,
    notify: @escaping @Sendable (CollectorNotice) -> Void
  ) throws -> CollectorExporter? {
    guard !endpoints.isEmpty else { return nil }
    if ledger == .none {
      throw ValidationError("--hec wants a ledger, which remembers what is not delivered yet: --ledger sqlite:PATH")
    }
    guard let destination = try destination() else { return nil }
    return CollectorExporter(
      CollectorSettings(
        name: name,
        destination: destination,
        metadata: CollectorMetadata(
          shape: shape,
          index: index,
          host: host ?? LogMetadata.usual.host,
          productVersion: Version.text
        )
      ),
      holder: Self.randomIdentifier(),
      now: { SystemClock.now() },
      open: { () throws(LedgerError) in
        guard let outbox = try ledger.openOutbox() else { throw .closed }
        return outbox
      },
      notify: notify
    )
  }

  /// Where to deliver; nil for nowhere.
  ///
  /// - Throws: `TLSError` for authorities that cannot be used.
  func destination() throws -> CollectorDestination? {
    guard !endpoints.isEmpty, let tokenFile else { return nil }
    return CollectorDestination(
      endpoints: endpoints,
      proxy: proxy,
      context: endpoints.contains(where: \.isTLS) ? try TLSContext.client(caPEMFile: authorities) : nil,
      channel: Self.randomIdentifier(),
      ackSeconds: acknowledges ? CollectorLimits.ackSeconds : nil,
      token: { Self.word(in: tokenFile) }
    )
  }

  /// The one word in a file, without blanks around it; nil when it cannot be read or has none, or several.
  private static func word(in file: String) -> String? {
    guard let bytes = try? ManifestFiles.read(file, bytesMax: 4_096, regularOnly: true) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    // Anything else would be a header of its own.
    guard text.count == 1, let word = text.first, word.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
    return String(word)
  }

  /// Writes what an operator should know.
  static func log(_ notice: CollectorNotice, _ logger: Logger) {
    switch notice {
    case .delivered: return
    case .dropped(let id, let reason):
      logger.error(
        "a risk event was refused by the collector for good",
        metadata: ["id": "\(id)", "reason": "\(reason)"]
      )
    case .failed(let endpoint, let reason):
      logger.warning("delivery failed and will be repeated", metadata: ["to": "\(endpoint)", "reason": "\(reason)"])
    case .stopped(let endpoint, let reason):
      logger.error("delivery stopped; change the settings", metadata: ["to": "\(endpoint)", "reason": "\(reason)"])
    case .unacknowledged(let endpoint, let reason):
      let note = "events count as delivered when the collector takes them: it acknowledges none"
      logger.error("\(note)", metadata: ["to": "\(endpoint)", "reason": "\(reason)"])
    }
  }

  /// A random GUID (RFC 9562, version 4).
  private static func randomIdentifier() -> String {
    var generator = SystemRandomNumberGenerator()
    let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    func digits(_ number: UInt64, _ count: Int) -> String {
      let text = String(number, radix: 16)
      return String(repeating: "0", count: count - text.count) + text
    }
    let text = Array(digits(high, 16) + digits(low, 16))
    return [text[0..<8], text[8..<12], text[12..<16], text[16..<20], text[20..<32]].map { String($0) }.joined(
      separator: "-"
    )
  }
}

extension CollectorExporter {
  /// Shows how it is doing.
  func register(in metrics: Metrics) {
    metrics.gauge("hostfence_hec_lag_events", help: "Risk events that are recorded and not delivered to the collector.")
    {
      [self] in Int(state.lag ?? 0)
    }
    metrics.counter("hostfence_hec_delivered_total", help: "Risk events that the collector took.") { [self] in
      state.delivered
    }
    metrics.counter("hostfence_hec_dropped_total", help: "Risk events that the collector refused for good.") { [self] in
      state.dropped
    }
    metrics.counter("hostfence_hec_failures_total", help: "Attempts at delivery that failed and are repeated.") {
      [self] in state.failures
    }
    metrics.gauge("hostfence_hec_stopped", help: "1 while only a change of settings can help delivery, else 0.") {
      [self] in state.isStopped ? 1 : 0
    }
    metrics.gauge("hostfence_hec_holder", help: "1 while this server delivers for all that share the ledger, else 0.") {
      [self] in state.isHolder ? 1 : 0
    }
  }
}

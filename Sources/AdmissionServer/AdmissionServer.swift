// The webhook as a service: binds, serves, and on shutdown stops accepting, drains and closes.

package import Evaluation
package import Logging
internal import NIOCore
internal import NIOPosix
package import RiskLedger
internal import ServiceLifecycle
package import TLS

/// Where a listener binds.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
  package var host: String
  /// 0 takes any free port.
  package var port: Int

  /// Creates an address from its parts.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT` or `[IPv6]:PORT`; nil when `text` is something else.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: port)
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// The admission webhook and its admin listener.
package final class AdmissionServer: Service {
  private let listen: ListenAddress
  private let adminListen: ListenAddress
  private let tls: ReloadingTLSContext
  private let policy: PolicyInForce
  private let policyWatch: PolicyWatch
  private let scores: RiskScores
  private let shared: WebhookServices
  private let certificates: CertificateWatch
  private let metrics: Metrics
  private let riskPage: RiskPageServer?
  private let shutdownDelaySeconds: Int
  private let now: @Sendable () -> Timestamp
  private let logger: Logger
  private let health: ServerHealth
  private let connections = ConnectionRegistry()
  private let adminConnections = ConnectionRegistry(
    connectionsMax: ServerLimits.adminConnectionsMax,
    connectionsPerSourceMax: ServerLimits.adminConnectionsMax
  )

  /// Creates a server; nothing is bound until `run`.
  ///
  /// - Parameters:
  ///   - policySource: says what the policy's files are now; asked once in a while, and nil for one that never changes.
  ///   - scores: the risk so far of users, for a policy that escalates.
  ///   - audit: takes the batches of `POST /audit`; without it there is no such path. Close it after `run` has returned,
  ///     and before the recorder's ledger.
  ///   - metrics: what `/metrics` shows.
  ///   - riskPage: reads what `/risk` shows, on a thread that may wait; without it there is no such path.
  ///   - shutdownDelaySeconds: how long reviews are still accepted after `/readyz` has turned false, so that every node
  ///     has heard of it before connections are refused.
  package init(
    listen: ListenAddress,
    adminListen: ListenAddress,
    tls: ReloadingTLSContext,
    policy: PolicyInForce,
    policySource: (@Sendable () -> PolicyLook)? = nil,
    scores: RiskScores = RiskScores(),
    recorder: RiskRecorder,
    audit: AuditQueue? = nil,
    metrics: Metrics = Metrics(),
    riskPage: (@Sendable () throws -> RiskPageContent)? = nil,
    shutdownDelaySeconds: Int,
    now: @escaping @Sendable () -> Timestamp,
    logger: Logger
  ) {
    self.listen = listen
    self.adminListen = adminListen
    self.tls = tls
    self.policy = policy
    self.scores = scores
    self.metrics = metrics
    self.riskPage = riskPage.map(RiskPageServer.init)
    self.shutdownDelaySeconds = shutdownDelaySeconds
    self.now = now
    self.logger = logger
    shared = WebhookServices(recorder: recorder, audit: audit, metrics: metrics, logger: logger)
    policyWatch = PolicyWatch(policy, source: policySource, metrics: metrics, now: now, logger: logger)
    certificates = CertificateWatch(tls, metrics: metrics, logger: logger)
    health = ServerHealth(recorder: recorder, certificates: certificates, policy: policyWatch, now: now)
    metrics.gauge("hostfence_ledger_writable", help: "1 while the ledger takes risk events, else 0.") {
      recorder.isHealthy ? 1 : 0
    }
    metrics.counter(
      "hostfence_risk_events_lost_total",
      help: "Risk events that the ledger did not take, and that were handed to standard error."
    ) { recorder.lostEventCount }
    metrics.gauge("hostfence_connections", help: "Open connections to the webhook.") { [connections] in
      connections.count
    }
  }

  /// Serves until graceful shutdown, then lets requests in flight end.
  ///
  /// - Throws: an `IOError` or resolver error when an address cannot be bound.
  package func run() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    do {
      try await serve(on: group)
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
    try await group.shutdownGracefully()
  }

  private func serve(on group: MultiThreadedEventLoopGroup) async throws {
    let admin = try await bind(adminBootstrap(group), adminListen, "admin listener")
    let webhook = try await bind(webhookBootstrap(group), listen, "webhook")
    health.setAccepting(true)
    logger.notice(
      "serving",
      metadata: [
        "webhook": "https://\(address(webhook, listen))", "admin": "http://\(address(admin, adminListen))",
        "mode": "\(policy.current.enforcement.mode.rawValue)", "policyRevision": "\(policy.current.revision)",
      ]
    )
    let watches = [
      Task { [certificates] in await certificates.run() },
      Task { [policyWatch] in await policyWatch.run() },
    ]
    defer { for watch in watches { watch.cancel() } }
    try? await gracefulShutdown()
    health.setAccepting(false)
    logger.notice("shutting down", metadata: ["delaySeconds": "\(shutdownDelaySeconds)"])
    try? await Task.sleep(for: .seconds(shutdownDelaySeconds))
    await letIn(by: webhook, group)
    try? await webhook.close()
    await drain()
    try? await admin.close()
  }

  private func bind(_ bootstrap: ServerBootstrap, _ address: ListenAddress, _ what: String) async throws -> any Channel
  {
    do {
      return try await bootstrap.bind(host: address.host, port: address.port).get()
    } catch {
      throw ServerError.cannotListen(what: what, address: address, reason: "\(error)")
    }
  }

  /// Where a listener is reached, with the port that it was given.
  private func address(_ channel: any Channel, _ asked: ListenAddress) -> String {
    ListenAddress(host: asked.host, port: channel.localAddress?.port ?? asked.port).description
  }

  /// Lets in who has connected by now: whom a listener has not let in when it closes, the kernel resets.
  private func letIn(by listener: any Channel, _ group: MultiThreadedEventLoopGroup) async {
    let deadline = ContinuousClock.now.advanced(by: .seconds(ServerLimits.letInSecondsMax))
    while await Self.waiting(for: listener) > 0, ContinuousClock.now < deadline {
      try? await Task.sleep(for: .milliseconds(1))
    }
    // The listener has them now, but each is ready only when its own event loop and then the listener's have seen it.
    for eventLoop in group.makeIterator() { try? await eventLoop.submit {}.get() }
    try? await listener.eventLoop.submit {}.get()
  }

  /// How many have connected to a listener that were not accepted (Linux, tcp_get_info: a listener's `tcpi_unacked`).
  private static func waiting(for listener: any Channel) async -> Int {
    guard let options = listener as? any SocketOptionProvider else { return 0 }
    guard let information = try? await options.getTCPInfo().get() else { return 0 }
    return Int(information.tcpi_unacked)
  }

  private func drain() async {
    connections.announceEnd()
    await waitForConnections(.milliseconds(ServerLimits.farewellMilliseconds))
    connections.quiesce()
    await waitForConnections(.seconds(ServerLimits.drainSecondsMax))
    connections.closeAll()
  }

  /// Waits until there are none, or the time is up.
  private func waitForConnections(_ duration: Duration) async {
    let deadline = ContinuousClock.now.advanced(by: duration)
    while !connections.isEmpty, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
  }

  // MARK: - Pipelines

  private func webhookBootstrap(_ group: MultiThreadedEventLoopGroup) -> ServerBootstrap {
    var processors: [ObjectIdentifier: NIOLoopBoundBox<ReviewProcessor>] = [:]
    for eventLoop in group.makeIterator() {
      processors[ObjectIdentifier(eventLoop)] = NIOLoopBoundBox.makeBoxSendingValue(
        ReviewProcessor(policy: policy, scores: scores, now: now),
        eventLoop: eventLoop
      )
    }
    return bootstrap(group) { [tls, shared, connections, processors] channel in
      do throws(ConnectionRegistry.Refusal) {
        try connections.add(channel)
      } catch {
        shared.connections.count(error)
        shared.notices.write("connection refused: there are too many", ["counted": error.rawValue])
        throw error
      }
      shared.connections.countAccepted()
      guard let processor = processors[ObjectIdentifier(channel.eventLoop)]?.value else {
        preconditionFailure("a connection runs on an event loop of its own server's group")
      }
      try ConnectionPipeline.addWebhook(to: channel, tls: tls.current, shared, processor)
    }
  }

  private func adminBootstrap(_ group: MultiThreadedEventLoopGroup) -> ServerBootstrap {
    bootstrap(group) { [health, metrics, riskPage, adminConnections] channel in
      try adminConnections.add(channel)
      try ConnectionPipeline.addAdmin(to: channel, health, metrics, riskPage)
    }
  }

  private func bootstrap(
    _ group: MultiThreadedEventLoopGroup,
    _ configure: @escaping @Sendable (any Channel) throws -> Void
  ) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: ServerLimits.acceptBacklog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try configure(channel) }
      }
  }
}

/// Why the server could not start.
package enum ServerError: Error, CustomStringConvertible {
  /// An address could not be bound.
  case cannotListen(what: String, address: ListenAddress, reason: String)

  package var description: String {
    switch self {
    case .cannotListen(let what, let address, let reason):
      "the \(what) cannot listen on \(address): \(reason); is the port taken, or the address not this machine's?"
    }
  }
}

// The handlers of a connection, from the socket to the answer.

internal import NIOCore
internal import NIOHTTP1
internal import TLS

/// Sets up connections, on their event loops.
enum ConnectionPipeline {
  /// A connection to the webhook; without TLS only where tests own the bytes.
  static func addWebhook(
    to channel: any Channel,
    tls: TLSContext?,
    _ services: WebhookServices,
    _ processor: ReviewProcessor
  ) throws {
    let clock = ConnectionClock(now: channel.eventLoop.now)
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(ConnectionGuard.Backpressure())
    if let tls { try pipeline.addHandler(TLSHandler(context: tls)) }
    try pipeline.addHandler(ConnectionGuard(clock: clock) { services.connections.countExpiry($0) })
    try addHTTP(to: pipeline)
    try pipeline.addHandler(WebhookHandler(services, processor: processor, clock: clock))
  }

  /// A connection to the admin listener.
  static func addAdmin(
    to channel: any Channel,
    _ health: ServerHealth,
    _ metrics: Metrics,
    _ riskPage: RiskPageServer?
  ) throws {
    let clock = ConnectionClock(now: channel.eventLoop.now)
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(ConnectionGuard.Backpressure())
    try pipeline.addHandler(ConnectionGuard(clock: clock) { _ in })
    try addHTTP(to: pipeline)
    try pipeline.addHandler(AdminHandler(health: health, metrics: metrics, riskPage: riskPage, clock: clock))
  }

  private static func addHTTP(to pipeline: ChannelPipeline.SynchronousOperations) throws {
    // The headers of answers are the program's own, so nobody looks for line feeds in them.
    try pipeline.configureHTTPServerPipeline(withErrorHandling: true, withOutboundHeaderValidation: false)
  }
}

// An HTTP client for one collector at a time: one connection, one request, every wait bounded.

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOTLS
internal import TLS
internal import Threads

/// Why no answer came.
enum CollectorTransportError: Error, Equatable {
  /// No connection could be made; nothing was sent.
  case unreachable(String)
  /// What was sent may have arrived.
  case noAnswer(String)
}

extension CollectorTransportError: CustomStringConvertible {
  var description: String {
    switch self {
    case .unreachable(let reason): "it cannot be reached: \(reason)"
    case .noAnswer(let reason): "it did not answer: \(reason)"
    }
  }
}

/// Sends requests to a collector; used by one thread, which waits for each answer, and interrupted by any.
final class CollectorClient: Sendable {
  private struct Connection {
    var channel: (any Channel)?
    var isInterrupted = false

    /// Takes a channel to be closed with the connection; false when the connection was interrupted.
    mutating func take(_ channel: any Channel) -> Bool {
      self.channel = channel
      return !isInterrupted
    }
  }

  let endpoint: CollectorEndpoint
  private let proxy: CollectorProxy?
  private let context: TLSContext?
  private let group: MultiThreadedEventLoopGroup
  private let connection = Monitor(Connection())

  /// Creates a client without a connection.
  ///
  /// - Parameters:
  ///   - proxy: the way to an endpoint with TLS; one without is on this machine.
  ///   - context: for an endpoint with TLS.
  init(
    _ endpoint: CollectorEndpoint,
    proxy: CollectorProxy? = nil,
    context: TLSContext?,
    group: MultiThreadedEventLoopGroup
  ) {
    self.endpoint = endpoint
    self.proxy = endpoint.isTLS ? proxy : nil
    self.context = context
    self.group = group
  }

  deinit { close() }

  /// Posts a body, over the connection of the request before where it is still open.
  ///
  /// - Throws: `CollectorTransportError`.
  func post(
    _ path: String,
    headers: [(String, String)],
    body: [UInt8]
  ) throws(CollectorTransportError) -> CollectorReply {
    let channel = try connected()
    var fields = HTTPHeaders([("Host", endpoint.address.description), ("User-Agent", "hostfence")])
    for (name, value) in headers { fields.add(name: name, value: value) }
    fields.add(name: "Content-Length", value: String(body.count))
    let answer = channel.eventLoop.makePromise(of: CollectorReply.self)
    let exchange = CollectorExchange(
      head: HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: fields),
      body: ByteBuffer(bytes: body),
      answer: answer
    )
    // A channel that closed meanwhile has no handler any more that could answer.
    channel.writeAndFlush(exchange).whenFailure { answer.fail($0) }
    do { return try answer.futureResult.wait() } catch {
      close()
      throw .noAnswer("\(error)")
    }
  }

  /// Lets go of the connection.
  func close() {
    // Within the lock: who finds no connection here may end the thread of the connections.
    connection.withLock { connection in
      connection.channel?.close(promise: nil)
      connection.channel = nil
    }
  }

  /// Ends the request under way, if there is one, and all to come.
  func interrupt() {
    connection.withLock { $0.isInterrupted = true }
    close()
  }

  private func connected() throws(CollectorTransportError) -> any Channel {
    if let channel = connection.withLock({ $0.channel }), channel.isActive { return channel }
    let ready = group.next().makePromise(of: Void.self)
    let addHandlers = { @Sendable [context, endpoint] (pipeline: ChannelPipeline.SynchronousOperations) in
      if let context { try pipeline.addHandler(TLSHandler(context: context, peerName: endpoint.address.host)) }
      try pipeline.addHTTPClientHandlers()
      try pipeline.addHandler(CollectorExchangeHandler(ready: ready, isSecured: context != nil))
    }
    let bootstrap = ClientBootstrap(group: group)
      .connectTimeout(.seconds(CollectorLimits.connectSeconds))
      .channelInitializer { [proxy, endpoint, connection] channel in
        channel.eventLoop.makeCompletedFuture {
          guard connection.update({ $0.take(channel) }) else { throw ExchangeFailure.interrupted }
          let pipeline = channel.pipeline.syncOperations
          guard let proxy else { return try addHandlers(pipeline) }
          let request = proxy.request(for: endpoint.address)
          try pipeline.addHandler(TunnelHandler(request: request, open: addHandlers, failed: { ready.fail($0) }))
        }
      }
    let address = proxy?.address ?? endpoint.address
    do {
      let channel = try bootstrap.connect(host: address.host, port: address.port).wait()
      // Of several addresses another may have been tried last.
      guard connection.update({ $0.take(channel) }) else { throw ExchangeFailure.interrupted }
      try ready.futureResult.wait()
      return channel
    } catch {
      // Does nothing if it has failed already.
      ready.fail(error)
      close()
      throw .unreachable("\(error)")
    }
  }
}

/// One request, and who waits for its answer.
private struct CollectorExchange: Sendable {
  let head: HTTPRequestHead
  let body: ByteBuffer
  let answer: EventLoopPromise<CollectorReply>
}

/// Why an exchange failed.
private enum ExchangeFailure: Error, CustomStringConvertible {
  case closed
  case interrupted
  case late
  case tooLong

  var description: String {
    switch self {
    case .closed: "the connection was closed"
    case .interrupted: "it was interrupted"
    case .late: "no answer within \(CollectorLimits.answerSeconds) s"
    case .tooLong: "the answer is longer than a collector's"
    }
  }
}

/// Turns exchanges into requests and answers into replies.
private final class CollectorExchangeHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = CollectorExchange
  typealias OutboundOut = HTTPClientRequestPart

  /// Succeeds when the connection can be used.
  private let ready: EventLoopPromise<Void>
  private let isSecured: Bool
  private var answer: EventLoopPromise<CollectorReply>?
  private var deadline: Scheduled<Void>?
  private var head: HTTPResponseHead?
  private var body: [UInt8] = []

  init(ready: EventLoopPromise<Void>, isSecured: Bool) {
    self.ready = ready
    self.isSecured = isSecured
  }

  func channelActive(context: ChannelHandlerContext) {
    if !isSecured { ready.succeed() }
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted = event as? TLSUserEvent { ready.succeed() }
    context.fireUserInboundEventTriggered(event)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let exchange = unwrapOutboundIn(data)
    guard context.channel.isActive else { return exchange.answer.fail(ExchangeFailure.closed) }
    answer = exchange.answer
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(CollectorLimits.answerSeconds)) {
      let (handler, context) = bound.value
      handler.fail(ExchangeFailure.late, context)
    }
    context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(exchange.body))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      // "100 Continue" is no answer.
      guard head.status.code >= 200 else { return }
      self.head = head
      body = []
    case .body(let part):
      body += part.readableBytesView
      if body.count > CollectorLimits.answerBytesMax { fail(ExchangeFailure.tooLong, context) }
    case .end:
      guard let head else { return }
      self.head = nil
      deadline?.cancel()
      let (wanted, date) = (head.headers.first(name: "Retry-After"), head.headers.first(name: "Date"))
      let retryAfter = RetryAfter.seconds(wanted, date: date)
      let reply = CollectorReply(status: Int(head.status.code), body: body, retryAfter: retryAfter)
      // Closing tells the handler at once, which must find no one left to disappoint.
      let answer = answer
      self.answer = nil
      if !head.isKeepAlive { context.close(promise: nil) }
      answer?.succeed(reply)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

  func channelInactive(context: ChannelHandlerContext) {
    fail(ExchangeFailure.closed, context)
    context.fireChannelInactive()
  }

  private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    ready.fail(error)
    answer?.fail(error)
    answer = nil
    context.close(promise: nil)
  }
}

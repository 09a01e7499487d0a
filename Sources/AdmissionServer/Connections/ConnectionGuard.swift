// Sees that a connection does not last for ever, whatever its client does or does not do.

internal import NIOCore

/// Stands between TLS and HTTP and watches the clock.
final class ConnectionGuard: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let clock: ConnectionClock
  private let report: (_ phase: String) -> Void
  private var check: RepeatedTask?
  /// Bytes that came since the last head began; 0 before the first.
  private var headBytes = 0
  /// Since when the client has not taken what was sent.
  private var unwritableSince: NIODeadline?
  /// The end of the time for a request that was on its way when shutdown began.
  private var lastChance: Scheduled<Void>?

  /// Watches a connection; `report` is told what took too long.
  init(clock: ConnectionClock, report: @escaping (_ phase: String) -> Void) {
    self.clock = clock
    self.report = report
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let interval = TimeAmount.milliseconds(ServerLimits.checkMilliseconds)
    check = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
      let (handler, context) = bound.value
      handler.look(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { stop() }

  func channelInactive(context: ChannelHandlerContext) {
    stop()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if clock.phase == .idle {
      clock.enter(.head, now: context.eventLoop.now)
      headBytes = 0
    }
    headBytes += unwrapInboundIn(data).readableBytes
    context.fireChannelRead(data)
    guard clock.phase == .head, headBytes > ServerLimits.unparsedHeadBytesMax else { return }
    stop()
    report(clock.phase.rawValue)
    context.channel.close(mode: .all, promise: nil)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    unwritableSince = context.channel.isWritable ? nil : context.eventLoop.now
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is ChannelShouldQuiesceEvent, isRequestOnItsWay else {
      return context.fireUserInboundEventTriggered(event)
    }
    // When it comes, the answer to it is the connection's last (see ConnectionRegistry.announceEnd).
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    lastChance = context.eventLoop.scheduleTask(in: .seconds(ServerLimits.lastRequestSeconds)) {
      let (handler, context) = bound.value
      if handler.isRequestOnItsWay { context.channel.close(mode: .all, promise: nil) }
    }
  }

  /// Whether closing the connection as an idle one would lose a request: whoever connects is about to ask.
  private var isRequestOnItsWay: Bool { headBytes == 0 || clock.phase == .head }

  private func look(_ context: ChannelHandlerContext) {
    let now = context.eventLoop.now
    if let unwritableSince, now - unwritableSince >= .seconds(ServerLimits.deliverySecondsMax) {
      stop()
      report(Self.delivery)
      // Nothing that is still to be sent would be taken either.
      context.channel.close(mode: .all, promise: nil)
    } else if unwritableSince == nil, clock.isOver(now: now) {
      stop()
      report(clock.phase.rawValue)
      context.fireUserInboundEventTriggered(ConnectionExpired(phase: clock.phase))
    }
  }

  /// What took too long, when the client does not take its answers.
  static let delivery = "delivery"

  private func stop() {
    check?.cancel()
    check = nil
    lastChance?.cancel()
    lastChance = nil
  }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}

extension ConnectionGuard {
  /// Reads no more from a client that does not take what was sent to it: answers, and what TLS itself says (a client may
  /// ask for new keys as often as it likes).
  ///
  /// It stands next to the socket, so that the reads of TLS pass it as well.
  final class Backpressure: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private var isReadHeld = false

    func read(context: ChannelHandlerContext) {
      if context.channel.isWritable { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
      if isReadHeld, context.channel.isWritable {
        isReadHeld = false
        context.read()
      }
      context.fireChannelWritabilityChanged()
    }
  }
}

@available(*, unavailable)
extension ConnectionGuard.Backpressure: Sendable {}

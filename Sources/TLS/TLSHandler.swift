// The channel handler between the network's bytes and the application's: one per connection, server or client.

package import NIOCore
internal import NIOTLS

/// Encrypts and decrypts one connection with OpenSSL, on the connection's event loop.
///
/// Inbound: the plaintext of all records that one channel read completed arrives as one `ByteBuffer`, with at least
/// `TLSLimits.inboundSpareBytes` of allocated memory behind it. Outbound: the writes before a flush are put together
/// into as few records as possible and leave as one `ByteBuffer`. Writes before the handshake is done are held.
///
/// Events: `TLSUserEvent.handshakeCompleted`, then at the peer's close_notify `TLSUserEvent.shutdownCompleted`, after
/// which the channel is closed. Failures are `TLSError`s through `errorCaught`, after which the channel is closed too,
/// once the alert that tells the peer has been sent.
package final class TLSHandler: ChannelDuplexHandler {
  package typealias InboundIn = ByteBuffer
  package typealias InboundOut = ByteBuffer
  package typealias OutboundIn = ByteBuffer
  package typealias OutboundOut = ByteBuffer

  /// How far a connection has come.
  enum State {
    /// Before the channel is active.
    case idle
    /// The handshake is under way.
    case handshaking
    /// Application data flows.
    case ready
    /// Nothing more is read or encrypted; what was written is still being sent.
    case closing
    /// The channel is closed, or told to close.
    case closed
  }

  let connection: TLSConnection
  private let handshakeTimeout: TimeAmount
  private let handshakeBytesMax: Int
  var state = State.idle
  /// Whether our close_notify was written, after which nothing may be encrypted.
  var hasSentCloseNotify = false
  var closePromise: EventLoopPromise<Void>?
  var timer: Scheduled<Void>?
  private var pending = PendingWrites()
  private var handshakeBytes = 0
  private var isReadUnanswered = false

  /// Creates the server's side of a connection.
  ///
  /// - Throws: `cryptographyFailed` when memory is out.
  package init(
    context: TLSContext,
    handshakeTimeout: TimeAmount = .seconds(TLSLimits.handshakeSeconds),
    handshakeBytesMax: Int = TLSLimits.handshakeBytesMax
  ) throws(TLSError) {
    connection = try TLSConnection.server(context)
    self.handshakeTimeout = handshakeTimeout
    self.handshakeBytesMax = handshakeBytesMax
  }

  /// Creates the client's side of a connection to `peerName`, the DNS name or IP address that the server's certificate
  /// must carry.
  ///
  /// - Throws: `invalidRequest` for a name that no server can have; `cryptographyFailed` when memory is out.
  package init(
    context: TLSContext,
    peerName: String,
    handshakeTimeout: TimeAmount = .seconds(TLSLimits.handshakeSeconds)
  ) throws(TLSError) {
    connection = try TLSConnection.client(context, peerName: peerName)
    self.handshakeTimeout = handshakeTimeout
    handshakeBytesMax = TLSLimits.handshakeBytesMax
  }

  /// The protocol version agreed on, such as `TLSv1.3`; meaningful once the handshake is done.
  package var protocolVersion: String { connection.protocolVersion }

  // MARK: - Life of the channel

  package func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { startHandshake(context) }
  }

  package func channelActive(context: ChannelHandlerContext) {
    startHandshake(context)
    context.fireChannelActive()
  }

  package func handlerRemoved(context: ChannelHandlerContext) {
    endAtOnce()
  }

  package func channelInactive(context: ChannelHandlerContext) {
    let stateBefore = state
    endAtOnce()
    switch stateBefore {
    case .handshaking where handshakeBytes > 0:
      context.fireErrorCaught(
        TLSError(.handshakeAbandoned, "The peer hung up during the TLS handshake; it may not trust the certificate")
      )
    case .ready: context.fireErrorCaught(Self.truncation)
    // A port probe that says nothing is no failure, and who closed first need not listen to the end.
    case .idle, .handshaking, .closing, .closed: break
    }
    context.fireChannelInactive()
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .some(.inputClosed) = event as? ChannelEvent {
      // Only seen where half closure is allowed; elsewhere the channel becomes inactive at once.
      switch state {
      case .handshaking: fail(context, TLSError(.handshakeAbandoned, "The peer hung up during the TLS handshake"))
      case .ready: fail(context, Self.truncation)
      case .idle, .closing, .closed: break
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  private static let truncation = TLSError(
    .truncated,
    "The peer hung up without close_notify; what it sent last may be cut short"
  )

  /// Ends everything without another word to the peer.
  private func endAtOnce() {
    state = .closed
    timer?.cancel()
    timer = nil
    connection.transport.discardInbound()
    failPendingWrites(ChannelError.ioOnClosedChannel)
    let promise = closePromise
    closePromise = nil
    promise?.succeed()
  }

  /// Fails what was written and not sent.
  func failPendingWrites(_ error: any Error) {
    pending.takeAll().forEach { $0.promise?.fail(error) }
  }

  // MARK: - Handshake

  private func startHandshake(_ context: ChannelHandlerContext) {
    guard state == .idle else { return }
    state = .handshaking
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: handshakeTimeout) { [self] in
      guard state == .handshaking else { return }
      fail(
        context,
        TLSError(
          .handshakeTimedOut,
          "The TLS handshake was not done within \(handshakeTimeout.nanoseconds / 1_000_000) ms"
        )
      )
    }
    advanceHandshake(context)
    sendOutbound(context)
    // Whoever reads by hand waits for data and so would never ask for the handshake's bytes.
    if state == .handshaking { context.read() }
  }

  private func advanceHandshake(_ context: ChannelHandlerContext) {
    do throws(TLSError) {
      guard try connection.advanceHandshake() else {
        guard handshakeBytes <= handshakeBytesMax else {
          throw TLSError(
            .handshakeTooLarge,
            "The peer sent more than \(handshakeBytesMax) bytes without completing the TLS handshake"
          )
        }
        return
      }
    } catch {
      return fail(context, error)
    }
    state = .ready
    timer?.cancel()
    timer = nil
    context.fireUserInboundEventTriggered(
      TLSUserEvent.handshakeCompleted(negotiatedProtocol: connection.negotiatedProtocol)
    )
    // The end of our handshake and what was held for it, or what the event made someone write, leave together.
    guard state == .ready, pending.flushedCount > 0 else { return }
    encrypt(context, count: pending.flushedCount)
    context.flush()
  }

  // MARK: - Reading

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let received = unwrapInboundIn(data)
    guard state == .handshaking || state == .ready else { return }
    let receivedBytes = received.readableBytes
    connection.transport.receive(received)
    if state == .handshaking {
      handshakeBytes += receivedBytes
      advanceHandshake(context)
    }
    if state == .ready { decrypt(context, receivedBytes: receivedBytes) }
    sendOutbound(context)
  }

  package func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    // The bytes read were swallowed (handshake, half a record), so whoever asked for some still waits.
    if isReadUnanswered || state == .handshaking { context.read() }
  }

  package func read(context: ChannelHandlerContext) {
    isReadUnanswered = true
    context.read()
  }

  private func decrypt(_ context: ChannelHandlerContext, receivedBytes: Int) {
    guard connection.mayYieldMore else { return }
    let earlier = connection.holdsPartOfRecord ? TLSLimits.recordBytesMax : 0
    var plaintext = context.channel.allocator.buffer(
      capacity: receivedBytes + earlier + TLSLimits.inboundSpareBytes
    )
    var isClosedByPeer = false
    var failure: TLSError?
    do throws(TLSError) {
      reading: while connection.mayYieldMore {
        switch try connection.decrypt(into: &plaintext) {
        case .decrypted: continue
        case .needsMore: break reading
        case .closedByPeer:
          isClosedByPeer = true
          break reading
        }
      }
    } catch {
      failure = error
    }
    if plaintext.readableBytes > 0 {
      isReadUnanswered = false
      context.fireChannelRead(wrapInboundOut(plaintext))
    }
    // Whoever got the plaintext may have closed the channel.
    guard state == .ready else { return }
    if let failure { return fail(context, failure) }
    if isClosedByPeer {
      connection.transport.discardInbound()
      context.fireUserInboundEventTriggered(TLSUserEvent.shutdownCompleted)
      if state == .ready { beginClosing(context) }
    }
  }

  // MARK: - Writing

  package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch state {
    case .ready where !hasSentCloseNotify: break
    case .idle, .handshaking:
      guard pending.bytes <= TLSLimits.heldBytesMax else {
        promise?.fail(
          TLSError(
            .writeTooEarly,
            "More than \(TLSLimits.heldBytesMax) bytes were written before the TLS handshake; wait until it is done"
          )
        )
        return
      }
    case .ready:
      promise?.fail(ChannelError.outputClosed)
      return
    case .closing, .closed:
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    pending.append(unwrapOutboundIn(data), promise)
  }

  package func flush(context: ChannelHandlerContext) {
    switch state {
    case .idle, .handshaking: pending.markFlushed()
    case .ready:
      encrypt(context, count: pending.count)
      context.flush()
    case .closing, .closed: context.flush()
    }
  }

  /// Encrypts the first `count` writes and passes them on.
  private func encrypt(_ context: ChannelHandlerContext, count: Int) {
    guard count > 0 else { return }
    var encryptor = WriteEncryptor(allocator: context.channel.allocator)
    do throws(TLSError) {
      try encryptor.encrypt(pending.first(count), with: connection)
    } catch {
      return fail(context, error)
    }
    pending.dropFirst(count)
    for batch in encryptor.fullBatches { context.write(wrapOutboundOut(batch.bytes), promise: batch.promise) }
    let batch = encryptor.takeLastBatch(from: connection)
    context.write(wrapOutboundOut(batch.bytes), promise: batch.promise)
  }

  /// Sends what OpenSSL wrote of its own accord: handshake, alerts, key updates.
  private func sendOutbound(_ context: ChannelHandlerContext) {
    guard state != .closed, let bytes = connection.transport.takeOutbound() else { return }
    context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
  }
}

@available(*, unavailable)
extension TLSHandler: Sendable {}

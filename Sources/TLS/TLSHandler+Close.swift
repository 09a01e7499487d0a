// How a connection ends: by us, by the peer, or by a failure; always with a last word to the peer, never for long.

package import NIOCore

extension TLSHandler {
  package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    switch mode {
    case .input:
      // Records of the handshake and alerts arrive on it whatever the application wants.
      promise?.fail(ChannelError.operationUnsupported)
    case .output: closeOutput(context, promise)
    case .all: closeAll(context, promise)
    }
  }

  private func closeAll(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
    switch state {
    case .idle, .handshaking:
      join(promise)
      endClosing(context)
    case .ready:
      join(promise)
      beginClosing(context)
    case .closing: join(promise)
    case .closed: context.close(promise: promise)
    }
  }

  /// Sends close_notify and then shuts the socket's sending side; what the peer still sends is read as before.
  private func closeOutput(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
    guard state == .ready, !hasSentCloseNotify else {
      promise?.fail(state == .ready ? ChannelError.outputClosed : ChannelError.operationUnsupported)
      return
    }
    failPendingWrites(ChannelError.outputClosed)
    hasSentCloseNotify = true
    connection.writeCloseNotify()
    if let bytes = connection.transport.takeOutbound() { context.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }
    context.close(mode: .output, promise: promise)
  }

  /// Reports `error`, sends the alert that OpenSSL wrote for it, and closes.
  func fail(_ context: ChannelHandlerContext, _ error: TLSError) {
    guard state != .closing, state != .closed else { return }
    state = .closing
    // After a failure OpenSSL accepts no close_notify; its alert says it all.
    hasSentCloseNotify = true
    context.fireErrorCaught(error)
    failPendingWrites(error)
    sendLastWords(context)
  }

  /// Sends close_notify after all that was flushed, and closes.
  ///
  /// The peer's close_notify is not waited for: HTTP marks the end of each message itself.
  func beginClosing(_ context: ChannelHandlerContext) {
    state = .closing
    failPendingWrites(ChannelError.ioOnClosedChannel)
    if !hasSentCloseNotify {
      hasSentCloseNotify = true
      connection.writeCloseNotify()
    }
    sendLastWords(context)
  }

  /// Sends what OpenSSL wrote last and closes once the peer has taken it, or after `TLSLimits.closeSeconds`.
  ///
  /// Closing a channel drops what it has not sent yet. This waits, so that an answer and the alert behind it arrive.
  private func sendLastWords(_ context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    connection.transport.discardInbound()
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { [self] _ in endClosing(context) }
    // An empty write still comes after those before it.
    context.writeAndFlush(wrapOutboundOut(connection.transport.takeOutbound() ?? ByteBuffer()), promise: sent)
    guard state == .closing else { return }
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(TLSLimits.closeSeconds)) { [self] in
      endClosing(context)
    }
  }

  /// Closes the channel, whatever may be left to send.
  private func endClosing(_ context: ChannelHandlerContext) {
    guard state != .closed else { return }
    state = .closed
    timer?.cancel()
    timer = nil
    failPendingWrites(ChannelError.ioOnClosedChannel)
    let promise = closePromise
    closePromise = nil
    context.close(promise: promise)
  }

  private func join(_ promise: EventLoopPromise<Void>?) {
    guard let promise else { return }
    if let closePromise {
      closePromise.futureResult.cascade(to: promise)
    } else {
      closePromise = promise
    }
  }
}

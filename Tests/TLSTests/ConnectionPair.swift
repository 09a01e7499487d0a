// A client and a server joined in memory: the test decides which bytes arrive, when, and in what pieces.

import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import TLS

/// Notes everything that comes out of a TLS handler.
final class Recorder: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  var received = ByteBuffer()
  var batches = 0
  var sparesBytesMin = Int.max
  var handshakes: [String?] = []
  var shutdowns = 0
  var errors: [any Error] = []
  var isInactive = false
  var onEvent: ((ChannelHandlerContext, TLSUserEvent) -> Void)?
  var onRead: ((ChannelHandlerContext, ByteBuffer) -> Void)?

  var errorCodes: [TLSError.Code] { errors.compactMap { ($0 as? TLSError)?.code } }
  var text: String { String(buffer: received) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    batches += 1
    sparesBytesMin = min(sparesBytesMin, buffer.writableBytes)
    received.writeImmutableBuffer(buffer)
    onRead?(context, buffer)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let event = event as? TLSUserEvent else { return }
    switch event {
    case .handshakeCompleted(let negotiated): handshakes.append(negotiated)
    case .shutdownCompleted: shutdowns += 1
    }
    onEvent?(context, event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { errors.append(error) }
  func channelInactive(context: ChannelHandlerContext) { isInactive = true }
}

/// One end of a connection in memory.
final class End {
  let channel = EmbeddedChannel()
  let recorder = Recorder()
  let handler: TLSHandler
  var loop: EmbeddedEventLoop { channel.embeddedEventLoop }

  init(_ handler: TLSHandler) throws {
    self.handler = handler
    try channel.pipeline.syncOperations.addHandlers(handler, recorder)
  }

  // A channel and its pipeline hold each other until the channel is closed.
  deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

  func connect() throws { try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait() }

  func write(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

  /// All the end has to send, one buffer per write to the network.
  func takeOutbound() throws -> [ByteBuffer] {
    var taken: [ByteBuffer] = []
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
      if buffer.readableBytes > 0 { taken.append(buffer) }
    }
    return taken
  }

  func deliver(_ buffer: ByteBuffer) throws { _ = try channel.writeInbound(buffer) }

  /// The network connection is gone, without a word of TLS.
  func hangUp() { channel.pipeline.fireChannelInactive() }

  var isOpen: Bool { channel.isActive }
}

/// A client and a server joined in memory.
final class ConnectionPair {
  let client: End
  let server: End

  init(
    server serverContext: TLSContext? = nil,
    client clientContext: TLSContext? = nil,
    peerName: String = "localhost"
  ) throws {
    let certificates = try TestCertificates.shared.get()
    server = try End(TLSHandler(context: serverContext ?? certificates.serverContext()))
    client = try End(TLSHandler(context: clientContext ?? certificates.clientContext(), peerName: peerName))
  }

  /// Connects both and carries bytes until neither has any left.
  func handshake(_ split: (ByteBuffer) -> [ByteBuffer] = { [$0] }) throws {
    try server.connect()
    try client.connect()
    try pump(split)
  }

  /// Carries bytes both ways, each buffer as the pieces that `split` makes of it.
  func pump(_ split: (ByteBuffer) -> [ByteBuffer] = { [$0] }) throws {
    while true {
      let toServer = try client.takeOutbound()
      let toClient = try server.takeOutbound()
      if toServer.isEmpty, toClient.isEmpty { return }
      for buffer in toServer { for piece in split(buffer) { try server.deliver(piece) } }
      for buffer in toClient { for piece in split(buffer) { try client.deliver(piece) } }
    }
  }
}

/// Single bytes: the worst that a network can do.
func byteByByte(_ buffer: ByteBuffer) -> [ByteBuffer] { buffer.readableBytesView.map { ByteBuffer(bytes: [$0]) } }

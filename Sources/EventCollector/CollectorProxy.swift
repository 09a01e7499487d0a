// The way to a collector through an HTTP proxy.

internal import Digest
internal import NIOCore

/// An HTTP proxy that opens tunnels (RFC 9110, section 9.3.6), as in `http://proxy.example.com:3128`.
///
/// What goes through the tunnel is TLS with the collector: the proxy sees its name and no more.
package struct CollectorProxy: Sendable, Equatable {
  let address: NetworkAddress
  /// `USER:PASSWORD`, where it wants them (RFC 7617).
  package var credentials: String?

  /// Reads `http://HOST[:PORT]`, 3128 being the port of most; nil for anything else, credentials included.
  package init?(_ text: String) {
    var rest = text[...]
    guard rest.hasPrefix("http://") else { return nil }
    rest = rest.dropFirst(7)
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    guard let address = NetworkAddress(rest, defaultPort: 3_128) else { return nil }
    self.address = address
  }

  /// The request for a tunnel.
  func request(for target: NetworkAddress) -> String {
    var request = "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\nUser-Agent: hostfence\r\n"
    if let credentials {
      request += "Proxy-Authorization: Basic \(Base64Text.of(Array(credentials.utf8)))\r\n"
    }
    return request + "\r\n"
  }
}

/// Why there is no tunnel.
enum TunnelFailure: Error, Equatable, CustomStringConvertible {
  case refused(String)
  case late
  case closed

  var description: String {
    switch self {
    case .refused(let line) where line.contains(" 407"):
      "the proxy wants other credentials (\(line)): --hec-proxy-auth-file"
    case .refused(let line): "the proxy refused: \(line)"
    case .late: "the proxy did not answer within \(CollectorLimits.connectSeconds) s"
    case .closed: "the proxy closed the connection"
    }
  }
}

/// Asks a proxy for a tunnel, and makes way for what goes through it.
final class TunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let request: String
  private let open: (ChannelPipeline.SynchronousOperations) throws -> Void
  private let failed: (any Error) -> Void
  private var answer: [UInt8] = []
  private var deadline: Scheduled<Void>?

  /// Creates a handler.
  ///
  /// - Parameters:
  ///   - open: adds the handlers of the tunnel.
  ///   - failed: called with the reason when there is no tunnel; the channel is closed then.
  init(
    request: String,
    open: @escaping (ChannelPipeline.SynchronousOperations) throws -> Void,
    failed: @escaping (any Error) -> Void
  ) {
    self.request = request
    self.open = open
    self.failed = failed
  }

  func channelActive(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(CollectorLimits.connectSeconds)) {
      let (handler, context) = bound.value
      handler.fail(TunnelFailure.late, context)
    }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    answer += unwrapInboundIn(data).readableBytesView
    guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else {
      if answer.count > CollectorLimits.answerBytesMax { fail(TunnelFailure.refused("an endless answer"), context) }
      return
    }
    let line = String(decoding: answer.prefix { $0 != UInt8(ascii: "\r") }.prefix(200), as: UTF8.self)
    // Nobody speaks in a tunnel before the client's greeting.
    guard line.contains(/^HTTP\/1\.[01] 2[0-9][0-9]/), end.upperBound == answer.count else {
      return fail(TunnelFailure.refused(line), context)
    }
    deadline?.cancel()
    do {
      try open(context.pipeline.syncOperations)
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    } catch {
      fail(error, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

  func channelInactive(context: ChannelHandlerContext) { fail(TunnelFailure.closed, context) }

  private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    failed(error)
    context.close(promise: nil)
  }
}

// Writes an answer to a connection, and closes it where that is due.

internal import NIOCore
internal import NIOHTTP1

/// An answer to one request.
struct HTTPAnswer {
  var status: HTTPResponseStatus
  var body: ByteBuffer
  var contentType = "application/json"
  /// Headers beside type, length and connection.
  var headers: [(String, String)] = []

  /// What becomes of the connection.
  enum Ending {
    case stays
    case closes
    /// The body of the request is still coming: closing at once would reset the connection and take the answer with it,
    /// so the connection is read on for a moment.
    case closesLate
  }
}

extension ChannelInboundHandler where OutboundOut == HTTPServerResponsePart {
  /// Sends an answer to `request`.
  func send(
    _ answer: HTTPAnswer,
    to request: HTTPRequestHead,
    _ ending: HTTPAnswer.Ending,
    _ context: ChannelHandlerContext
  ) {
    var headers = HTTPHeaders()
    headers.reserveCapacity(3 + answer.headers.count)
    headers.add(name: "Content-Type", value: answer.contentType)
    headers.add(name: "Content-Length", value: String(answer.body.readableBytes))
    if ending != .stays { headers.add(name: "Connection", value: "close") }
    for (name, value) in answer.headers { headers.add(name: name, value: value) }
    let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    // The answer to HEAD has a length and no body (RFC 9110, 9.3.2).
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
    }
    guard ending != .stays else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
      let context = bound.value
      guard ending == .closesLate else { return context.close(promise: nil) }
      context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(ServerLimits.lingerSeconds)) {
        context.close(promise: nil)
      }
    }
  }
}

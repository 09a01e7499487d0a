// Health over plain HTTP, on a listener of its own.

internal import NIOCore
internal import NIOHTTP1

/// Answers the kubelet's probes.
///
/// `/livez` says that the event loops turn; `/readyz` that verdicts may be sent here (accepting, ledger writable).
final class AdminHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let health: ServerHealth
  private var head: HTTPRequestHead?

  init(health: ServerHealth) { self.health = health }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: return
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let (status, text) = response(head)
    var headers = HTTPHeaders([("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "\(text.utf8.count)")])
    if status == .methodNotAllowed { headers.add(name: "Allow", value: "GET, HEAD") }
    if head.isLast { headers.add(name: "Connection", value: "close") }
    let response = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(response)), promise: nil)
    if head.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(string: text)))), promise: nil)
    }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if head.isLast { end.assumeIsolated().whenComplete { _ in bound.value.close(promise: nil) } }
  }

  private func response(_ head: HTTPRequestHead) -> (HTTPResponseStatus, String) {
    guard head.method == .GET || head.method == .HEAD else { return (.methodNotAllowed, "only GET is answered here\n") }
    switch head.uri.prefix(while: { $0 != "?" }) {
    case "/livez": return (.ok, "ok\n")
    case "/readyz":
      let problems = health.problems
      return problems.isEmpty ? (.ok, "ok\n") : (.serviceUnavailable, problems.joined(separator: "\n") + "\n")
    default: return (.notFound, "there is /livez and /readyz here\n")
    }
  }
}

@available(*, unavailable)
extension AdminHandler: Sendable {}

// Health and figures over plain HTTP, on a listener of its own.

internal import NIOCore
internal import NIOHTTP1

/// Answers the kubelet's probes, Prometheus, and people who look at the risk page.
///
/// `/livez` says that the event loops turn; `/readyz` that verdicts may be sent here (accepting, ledger writable).
final class AdminHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let health: ServerHealth
  private let metrics: Metrics
  /// Nil without a risk page.
  private let riskPage: RiskPageServer?
  private let clock: ConnectionClock
  private var head: HTTPRequestHead?

  init(health: ServerHealth, metrics: Metrics, riskPage: RiskPageServer?, clock: ConnectionClock) {
    self.health = health
    self.metrics = metrics
    self.riskPage = riskPage
    self.clock = clock
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      clock.enter(.body, now: context.eventLoop.now)
    case .body: return
    case .end:
      guard let head else { return }
      self.head = nil
      let path = head.uri.prefix { $0 != "?" }
      guard let riskPage, head.method == .GET || head.method == .HEAD, RiskPageServer.answers(path) else {
        return reply(answer(head), to: head, context)
      }
      clock.enter(.answer, now: context.eventLoop.now)
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      riskPage.answer(path, on: context.eventLoop).whenSuccess { answer in
        let (handler, context) = bound.value
        handler.reply(answer, to: head, context)
      }
    }
  }

  private func reply(_ answer: HTTPAnswer, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    clock.enter(.idle, now: context.eventLoop.now)
    send(answer, to: head, head.isLast ? .closes : .stays, context)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ConnectionExpired { context.close(promise: nil) } else { context.fireUserInboundEventTriggered(event) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answer(_ head: HTTPRequestHead) -> HTTPAnswer {
    guard head.method == .GET || head.method == .HEAD else {
      return Self.text(.methodNotAllowed, "only GET is answered here\n", headers: [("Allow", "GET, HEAD")])
    }
    switch head.uri.prefix(while: { $0 != "?" }) {
    case "/livez": return Self.text(.ok, "ok\n")
    case "/readyz":
      let problems = health.problems
      if problems.isEmpty {
        return Self.text(.ok, (["ok"] + health.warnings.map { "warning: \($0)" }).joined(separator: "\n") + "\n")
      }
      return Self.text(.serviceUnavailable, problems.joined(separator: "\n") + "\n")
    case "/metrics":
      return HTTPAnswer(status: .ok, body: ByteBuffer(string: metrics.text), contentType: Metrics.mediaType)
    default:
      return Self.text(.notFound, "there is /livez, /readyz, /metrics\(riskPage == nil ? "" : ", /risk") here\n")
    }
  }

  private static func text(
    _ status: HTTPResponseStatus,
    _ text: String,
    headers: [(String, String)] = []
  ) -> HTTPAnswer {
    HTTPAnswer(
      status: status,
      body: ByteBuffer(string: text),
      contentType: "text/plain; charset=utf-8",
      headers: headers
    )
  }
}

@available(*, unavailable)
extension AdminHandler: Sendable {}

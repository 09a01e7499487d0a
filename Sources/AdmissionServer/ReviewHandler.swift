// The HTTP side of a connection: collects a body, has it judged, answers once its risk events are durable.

internal import Evaluation
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import RiskLedger

/// Answers the requests of one connection, one after the other; bound to the connection's event loop.
final class ReviewHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    case idle
    /// The body of a review is coming in.
    case collecting(HTTPRequestHead, mode: Mode?)
    /// The body is of no interest; the refusal is sent when it ended.
    case skipping(HTTPRequestHead, Refusal)
    /// An answer waits for the ledger, or the connection is being closed: nothing is read.
    case answering
  }

  private let processor: ReviewProcessor
  private let recorder: RiskRecorder
  private let logger: Logger
  private var state = State.idle
  private var body = ByteBuffer()

  init(processor: ReviewProcessor, recorder: RiskRecorder, logger: Logger) {
    self.processor = processor
    self.recorder = recorder
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let part): append(part, context)
    case .end: end(context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    logger.debug("connection failed", metadata: ["error": "\(error)"])
    context.close(promise: nil)
  }

  // MARK: - Reading

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard case .idle = state else { return }
    body.clear(minimumCapacity: 0)
    switch Route(head) {
    case .refuse(.bodyTooLarge): refuseAndClose(.bodyTooLarge, head, context)
    // A client that waits for leave to send its body is told at once that it need not.
    case .refuse(let refusal) where head.expectsContinue: refuseAndClose(refusal, head, context)
    case .refuse(let refusal): state = .skipping(head, refusal)
    case .validate(let mode):
      state = .collecting(head, mode: mode)
      if let length = head.headers.first(name: "content-length").flatMap(Int.init) {
        body.reserveCapacity(min(length, ServerLimits.bodyBytesReserved))
      }
      if head.expectsContinue {
        context.writeAndFlush(
          wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))),
          promise: nil
        )
      }
    }
  }

  private func append(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
    guard case .collecting(let head, _) = state else { return }
    guard body.readableBytes + part.readableBytes <= ServerLimits.bodyBytesMax else {
      return refuseAndClose(.bodyTooLarge, head, context)
    }
    body.writeImmutableBuffer(part)
  }

  private func end(_ context: ChannelHandlerContext) {
    switch state {
    case .idle, .answering: return
    case .skipping(let head, let refusal): refuse(refusal, head, context)
    case .collecting(let head, let mode):
      state = .answering
      judge(head, mode, context)
    }
  }

  // MARK: - Judging

  private func judge(_ head: HTTPRequestHead, _ mode: Mode?, _ context: ChannelHandlerContext) {
    switch processor.process(&body, mode: mode) {
    case .failure(let refusal): refuse(refusal, head, context)
    case .success(let answer):
      // A huge review must not stay resident in an idle connection.
      if body.capacity > ServerLimits.bodyBytesReserved * 2 { body = ByteBuffer() }
      guard !answer.events.isEmpty else { return reply(answer.body, head, context) }
      log(answer)
      record(answer, head, context)
    }
  }

  private func record(_ answer: ReviewAnswer, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let eventLoop = context.eventLoop
    recorder.record(answer.events) { isAdmissible in
      eventLoop.execute {
        let (handler, context) = bound.value
        // Only leave to pass is withheld when the event was lost; a denial stands without its record.
        if isAdmissible || answer.decision.verdict == .deny {
          handler.reply(answer.body, head, context)
        } else {
          handler.refuse(
            .undecided("the risk event could not be recorded, and the server is set to refuse then"),
            head,
            context
          )
        }
      }
    }
  }

  private func log(_ answer: ReviewAnswer) {
    guard answer.decision.verdict == .deny, let event = answer.events.first else { return }
    // What a requester chose must not forge lines of the log.
    let fields = [
      "uid": event.requestUID, "user": event.riskObject, "kind": event.groupVersionKind.kind,
      "namespace": event.namespace, "name": event.name, "pointer": event.attachment.pointer,
    ]
    logger.notice("denied", metadata: fields.mapValues { "\(Wording.singleLine($0))" })
  }

  // MARK: - Answering

  private func reply(_ body: [UInt8], _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    send(.ok, body, to: head, isLast: head.isLast, context)
  }

  private func refuse(_ refusal: Refusal, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    logger.info(
      "refused",
      metadata: [
        "code": "\(refusal.status.code)", "message": "\(Wording.singleLine(String(refusal.message.prefix(300))))",
        "path": "\(Wording.singleLine(String(head.uri.prefix(200))))",
      ]
    )
    send(refusal.status, refusal.body, to: head, headers: refusal.headers, isLast: head.isLast, context)
  }

  /// Answers before the body has ended, then reads on for a moment: closing at once would reset the connection and
  /// take the answer with it.
  private func refuseAndClose(_ refusal: Refusal, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    state = .answering
    body = ByteBuffer()
    send(refusal.status, refusal.body, to: head, headers: refusal.headers, isLast: true, lingers: true, context)
  }

  private func send(
    _ status: HTTPResponseStatus,
    _ body: [UInt8],
    to request: HTTPRequestHead,
    headers extra: [(String, String)] = [],
    isLast: Bool,
    lingers: Bool = false,
    _ context: ChannelHandlerContext
  ) {
    var headers = HTTPHeaders()
    headers.reserveCapacity(3 + extra.count)
    headers.add(name: "Content-Type", value: "application/json")
    headers.add(name: "Content-Length", value: String(body.count))
    if isLast { headers.add(name: "Connection", value: "close") }
    for (name, value) in extra { headers.add(name: name, value: value) }
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    // The answer to HEAD has a length and no body (RFC 9110, 9.3.2).
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: body)))), promise: nil)
    }
    guard isLast else {
      state = .idle
      return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
    state = .answering
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    let linger = TimeAmount.seconds(lingers ? ServerLimits.lingerSeconds : 0)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
      let context = bound.value
      if lingers {
        context.eventLoop.assumeIsolated().scheduleTask(in: linger) { context.close(promise: nil) }
      } else {
        context.close(promise: nil)
      }
    }
  }
}

@available(*, unavailable)
extension ReviewHandler: Sendable {}

extension HTTPRequestHead {
  /// Whether the connection ends with the answer: because the client wants it so, or because HTTP ends here.
  ///
  /// Behind a CONNECT or an Upgrade the decoder would keep whatever comes, without bound, for a protocol nobody speaks.
  var isLast: Bool { !isKeepAlive || method == .CONNECT || headers.contains(name: "upgrade") }

  /// Whether the client waits for leave to send its body (RFC 9110, 10.1.1; HTTP/1.0 does not know it).
  var expectsContinue: Bool {
    version == .http1_1 && headers.first(name: "expect")?.lowercased() == "100-continue"
  }
}

// The HTTP side of a connection: collects a body, has it judged, answers once its risk events are durable.

internal import Evaluation
internal import JSONDocument
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import TLS

/// Answers the requests of one connection, one after the other; bound to the connection's event loop.
final class WebhookHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// A request and what its path is for; nil where the path is none of ours.
  private struct Exchange {
    let head: HTTPRequestHead
    let endpoint: Endpoint?
    let begin: NIODeadline
  }

  private enum State {
    case idle
    /// The body of a review is coming in.
    case collectingReview(Exchange, mode: Mode?)
    /// An audit batch is coming in.
    case collectingAudit(Exchange, AuditQueue, AuditUpload)
    /// The body is of no interest; the refusal is sent when it ended.
    case skipping(Exchange, Refusal)
    /// An answer waits for the ledger, or the connection is being closed: nothing is read.
    case answering
  }

  private let services: WebhookServices
  private let processor: ReviewProcessor
  private let clock: ConnectionClock
  private var state = State.idle
  private var body = ByteBuffer()
  /// Bytes of `body` that the load knows of.
  private var reservedBytes = 0
  /// Whether a review of this connection waits for the ledger.
  private var isInFlight = false
  /// Whether the server is going away, so that the next answer is the last.
  private var isEnding = false
  /// Answers that are being written, one inside the other: with the end of an answer HTTP's handler delivers the next
  /// request that waited for it, and the stack must not grow with how many a client has sent ahead.
  private var nestedAnswers = 0

  init(_ services: WebhookServices, processor: ReviewProcessor, clock: ConnectionClock) {
    self.services = services
    self.processor = processor
    self.clock = clock
  }

  private var audit: AuditQueue? { services.audit }
  private var logger: Logger { services.logger }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let part): append(part, context)
    case .end: end(context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    // What was coming in gives its room back now, whoever still holds this handler.
    leaveAudit()
    releaseBody()
    state = .answering
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let error = error as? TLSError { services.connections.count(error) }
    services.notices.write("connection failed", ["error": Wording.singleLine("\(error)")])
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ConnectionsEnd { isEnding = true }
    guard let expired = event as? ConnectionExpired else { return context.fireUserInboundEventTriggered(event) }
    if expired.phase != .idle { services.notices.write("connection closed", ["waitedFor": expired.phase.rawValue]) }
    switch state {
    case .collectingReview(let exchange, _), .collectingAudit(let exchange, _, _), .skipping(let exchange, _):
      refuseAndClose(.bodyTooSlow, exchange, context)
    case .idle, .answering: context.close(promise: nil)
    }
  }

  // MARK: - Reading

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    guard case .idle = state else { return }
    let now = context.eventLoop.now
    clock.enter(.body, now: now)
    switch Route(head, auditBytesMax: audit?.bodyBytesMax) {
    case .refuse(let refusal, let endpoint):
      let exchange = Exchange(head: head, endpoint: endpoint, begin: now)
      // A client that waits for leave to send its body is told at once that it need not.
      if refusal.status == .payloadTooLarge || head.expectsContinue {
        refuseAndClose(refusal, exchange, context)
      } else {
        state = .skipping(exchange, refusal)
      }
    case .accept(let endpoint): collect(Exchange(head: head, endpoint: endpoint, begin: now), endpoint, context)
    }
  }

  private func collect(_ exchange: Exchange, _ endpoint: Endpoint, _ context: ChannelHandlerContext) {
    let length = exchange.head.announcedBytes ?? 0
    switch endpoint {
    case .review(let mode):
      guard services.load.hasRoom(for: length) else { return shed(.memory, exchange, context) }
      state = .collectingReview(exchange, mode: mode)
      // With the room that the parser wants behind it, or the whole body would be moved for that.
      body.reserveCapacity(min(length, ServerLimits.bodyBytesReserved) + JSONParser.paddingBytes)
    case .audit:
      guard let audit else { return refuseAndClose(.notFound, exchange, context) }
      guard audit.backlog.hasRoom(for: max(1, length)) else { return refuseFull(exchange, audit, context) }
      let upload = AuditUpload(audit.backlog, expectedBytes: length)
      state = .collectingAudit(exchange, audit, upload)
    }
    guard exchange.head.expectsContinue else { return }
    context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
  }

  private func append(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
    switch state {
    case .idle, .skipping, .answering: return
    case .collectingReview(let exchange, _):
      let limit = ServerLimits.bodyBytesMax
      guard body.readableBytes + part.readableBytes <= limit else {
        return refuseAndClose(.bodyTooLarge(limitBytes: limit), exchange, context)
      }
      guard services.load.reserve(part.readableBytes) else { return shed(.memory, exchange, context) }
      reservedBytes += part.readableBytes
      body.writeImmutableBuffer(part)
    case .collectingAudit(let exchange, let audit, let upload):
      let limit = audit.bodyBytesMax
      guard upload.count + part.readableBytes <= limit else {
        return refuseAndClose(.bodyTooLarge(limitBytes: limit), exchange, context)
      }
      if !upload.append(part) { refuseFull(exchange, audit, context) }
    }
  }

  private func end(_ context: ChannelHandlerContext) {
    switch state {
    case .idle, .answering: return
    case .skipping(let exchange, let refusal): refuse(refusal, exchange, context)
    case .collectingReview(let exchange, let mode):
      state = .answering
      clock.enter(.answer, now: context.eventLoop.now)
      judge(exchange, mode, context)
    case .collectingAudit(let exchange, _, let upload):
      state = .answering
      clock.enter(.answer, now: context.eventLoop.now)
      hand(over: upload, exchange, context)
    }
  }

  // MARK: - Reviews

  private func judge(_ exchange: Exchange, _ mode: Mode?, _ context: ChannelHandlerContext) {
    guard services.load.begin() else {
      releaseBody()
      return shed(.ledger, exchange, context)
    }
    isInFlight = true
    let bodyBytes = body.readableBytes
    let outcome = processor.process(&body, mode: mode)
    releaseBody()
    switch outcome {
    case .failure(let refusal): refuse(refusal, exchange, context)
    case .success(let answer):
      services.reviews.count(answer.key, bodyBytes: bodyBytes)
      guard !answer.events.isEmpty else { return reply(answer.body, exchange, context) }
      log(answer)
      record(answer, exchange, context)
    }
  }

  /// Lets go of the body, and of more memory than most reviews want.
  private func releaseBody() {
    body.clear()
    if body.capacity > ServerLimits.bodyBytesReserved * 2 { body = ByteBuffer() }
    if reservedBytes > 0 { services.load.release(reservedBytes) }
    reservedBytes = 0
  }

  /// Refuses a review before it is judged: a failed call, to which the API server's failurePolicy applies.
  private func shed(_ reason: ReviewMetrics.ShedReason, _ exchange: Exchange, _ context: ChannelHandlerContext) {
    services.reviews.count(reason)
    releaseBody()
    // Whoever still sends reads the answer only afterwards.
    if case .answering = state { return refuse(.busy, exchange, context) }
    if exchange.head.expectsContinue { return refuseAndClose(.busy, exchange, context) }
    state = .skipping(exchange, .busy)
  }

  private func record(_ answer: ReviewAnswer, _ exchange: Exchange, _ context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, exchange, context), eventLoop: context.eventLoop)
    let eventLoop = context.eventLoop
    services.recorder.record(answer.events) { isAdmissible in
      // Without a ledger, or with one that takes no more, this is still the loop of the connection.
      let answered: @Sendable () -> Void = {
        let (handler, exchange, context) = bound.value
        handler.reply(answer, isAdmissible: isAdmissible, exchange, context)
      }
      if eventLoop.inEventLoop { answered() } else { eventLoop.execute(answered) }
    }
  }

  private func reply(_ answer: ReviewAnswer, isAdmissible: Bool, _ exchange: Exchange, _ context: ChannelHandlerContext)
  {
    // Only leave to pass is withheld when the event was lost; a denial stands without its record.
    guard isAdmissible || answer.decision.verdict == .deny else {
      let problem = "the risk event could not be recorded, and the server is set to refuse then"
      return refuse(.undecided(problem), exchange, context)
    }
    reply(answer.body, exchange, context)
  }

  private func log(_ answer: ReviewAnswer) {
    guard answer.decision.verdict == .deny, let event = answer.events.first else { return }
    logger.notice(
      "denied",
      metadata: [
        "uid": .string(event.requestUID), "user": .string(event.riskObject),
        "kind": .string(event.groupVersionKind.kind), "namespace": .string(event.namespace),
        "name": .string(event.name), "pointer": .string(event.attachment.pointer),
      ]
    )
  }

  // MARK: - Audit batches

  private func hand(over upload: AuditUpload, _ exchange: Exchange, _ context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, exchange, context), eventLoop: context.eventLoop)
    let eventLoop = context.eventLoop
    let isTaken = upload.finish { outcome in
      eventLoop.execute {
        let (handler, exchange, context) = bound.value
        switch outcome {
        case .recorded: handler.reply(AuditQueue.acknowledgement, exchange, context)
        case .unreadable(let message): handler.refuse(.badRequest(message), exchange, context)
        case .notRecorded(let message): handler.refuse(.unavailable(message), exchange, context)
        }
      }
    }
    if !isTaken { refuse(.unavailable("the server is shutting down"), exchange, context) }
  }

  /// Reads and forgets the rest of the body: whoever sends it reads the answer only then.
  private func refuseFull(_ exchange: Exchange, _ audit: AuditQueue, _ context: ChannelHandlerContext) {
    leaveAudit()
    let refusal = Refusal.overloaded(limitBytes: audit.backlog.limitBytes)
    if exchange.head.expectsContinue { return refuseAndClose(refusal, exchange, context) }
    state = .skipping(exchange, refusal)
  }

  /// Lets go of a batch that is coming in.
  private func leaveAudit() {
    guard case .collectingAudit(_, _, let upload) = state else { return }
    upload.abandon()
    state = .answering
  }

  // MARK: - Answering

  private func reply(_ body: ByteBuffer, _ exchange: Exchange, _ context: ChannelHandlerContext) {
    finish(exchange, HTTPAnswer(status: .ok, body: body), ending(exchange), context)
  }

  private func refuse(_ refusal: Refusal, _ exchange: Exchange, _ context: ChannelHandlerContext) {
    services.notices.write(
      "refused",
      [
        "code": "\(refusal.status.code)", "message": Wording.singleLine(String(refusal.message.prefix(300))),
        "path": Wording.singleLine(String(exchange.head.uri.prefix(200))),
      ]
    )
    finish(exchange, HTTPAnswer(refusal), ending(exchange), context)
  }

  private func ending(_ exchange: Exchange) -> HTTPAnswer.Ending {
    let isLast = exchange.head.isLast || isEnding || nestedAnswers >= ServerLimits.nestedAnswersMax
    return isLast ? .closes : .stays
  }

  /// Answers before the body has ended.
  private func refuseAndClose(_ refusal: Refusal, _ exchange: Exchange, _ context: ChannelHandlerContext) {
    leaveAudit()
    releaseBody()
    finish(exchange, HTTPAnswer(refusal), .closesLate, context)
  }

  private func finish(
    _ exchange: Exchange,
    _ answer: HTTPAnswer,
    _ ending: HTTPAnswer.Ending,
    _ context: ChannelHandlerContext
  ) {
    nestedAnswers += 1
    defer { nestedAnswers -= 1 }
    let now = context.eventLoop.now
    if exchange.endpoint == .audit {
      audit?.metrics.countAnswer(code: Int(answer.status.code))
    } else {
      services.reviews.countResponse(code: Int(answer.status.code))
      if answer.status == .ok { services.reviews.observe(now - exchange.begin) }
    }
    if isInFlight {
      isInFlight = false
      services.load.end()
    }
    clock.enter(.idle, now: now)
    state = ending == .stays ? .idle : .answering
    send(answer, to: exchange.head, ending, context)
  }
}

extension HTTPAnswer {
  /// The answer that says a refusal.
  fileprivate init(_ refusal: Refusal) {
    self.init(status: refusal.status, body: refusal.body, headers: refusal.headers)
  }
}

@available(*, unavailable)
extension WebhookHandler: Sendable {}

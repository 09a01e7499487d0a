// Keeps posting reviews over keep-alive TLS connections and remembers which were answered.

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import TLS
import Threads

/// A client that loads a server until it is gone.
final class LoadClient: Sendable {
  /// What came back.
  struct Tally: Sendable {
    var answered: [String] = []
    var wrong: [String] = []
    /// What was sent on connections that closed without an answer.
    var unanswered: [String] = []
  }

  private let group: MultiThreadedEventLoopGroup
  private let channels = Monitor<[any Channel]>([])
  private let tally = Monitor(Tally())
  private let counter = Atomic<Int>(0)
  private let context: TLSContext
  private let prefix: String
  private let template: String
  private let asksOnce: Bool

  /// Creates a client; `template` is a violating review with `UID` in the place of its uid.
  ///
  /// - Parameter asksOnce: whether each connection says that its first request is its last.
  init(server: Server, prefix: String, template: String, asksOnce: Bool = false) throws {
    self.asksOnce = asksOnce
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    context = try TLSContext.client(caPEMFile: server.certificateAuthority)
    self.prefix = prefix
    self.template = template
  }

  /// Opens connections and starts to post; answers are gathered until the server ends.
  func start(server: Server, connections: Int) async throws {
    for _ in 0..<connections {
      let channel = try await ClientBootstrap(group: group).channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(TLSHandler(context: context, peerName: "localhost"))
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(Poster(client: self))
        }
      }.connect(host: "127.0.0.1", port: server.port).get()
      channels.update { $0.append(channel) }
    }
  }

  /// Reads what a server that is gone has sent to the end, and gives what was answered.
  func stop() async throws -> Tally {
    for channel in channels.withLock({ $0 }) { try await channel.closeFuture.get() }
    try await group.shutdownGracefully()
    return tally.withLock { $0 }
  }

  var answeredCount: Int { tally.withLock { $0.answered.count } }

  fileprivate func next() -> (uid: String, body: String) {
    let uid = "\(prefix)-\(counter.wrappingAdd(1, ordering: .relaxed).newValue)"
    return (uid, template.replacing("UID", with: uid))
  }

  fileprivate var headers: HTTPHeaders {
    var headers = HTTPHeaders([("Host", "localhost"), ("Content-Type", "application/json")])
    if asksOnce { headers.add(name: "Connection", value: "close") }
    return headers
  }

  fileprivate func unanswered(_ uid: String) { tally.withLock { $0.unanswered.append(uid) } }

  fileprivate func answered(_ uid: String, _ body: String) {
    let isRight = body.contains("\"uid\":\"\(uid)\",\"allowed\":false")
    tally.withLock { isRight ? $0.answered.append(uid) : $0.wrong.append(body) }
  }
}

/// Posts one review after the other on one connection.
private final class Poster: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let client: LoadClient
  /// What waits for its answer; empty when nothing does.
  private var uid = ""
  private var body = ""
  private var isLast = false

  init(client: LoadClient) { self.client = client }

  func channelActive(context: ChannelHandlerContext) {
    post(context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      body = ""
      isLast = !head.isKeepAlive
    case .body(let part): body += String(buffer: part)
    case .end:
      client.answered(uid, body)
      uid = ""
      if isLast { context.close(promise: nil) } else { post(context) }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if !uid.isEmpty { client.unanswered(uid) }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func post(_ context: ChannelHandlerContext) {
    let (uid, body) = client.next()
    self.uid = uid
    var headers = client.headers
    headers.add(name: "Content-Length", value: "\(body.utf8.count)")
    let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/validate/deny?timeout=5s", headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

@available(*, unavailable)
extension Poster: Sendable {}

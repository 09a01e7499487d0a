// One HTTP connection that a test drives part by part.

import NIOCore
import NIOHTTP1
import NIOPosix
import TLS
import Threads

/// An answer, as it came.
struct TestAnswer: Sendable {
  let code: Int
  let headers: [String: String]
  let body: String
}

/// The connection ended before the answer.
struct ConnectionEnded: Error {}

/// A client with one connection and one request at a time.
final class TestClient: Sendable {
  private let channel: any Channel
  private let answers: AnswerCollector.Answers

  init(port: Int, tls: TLSContext?) async throws {
    let answers = AnswerCollector.Answers()
    self.answers = answers
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(TLSHandler(context: tls, peerName: "localhost")) }
        try pipeline.addHTTPClientHandlers()
        try pipeline.addHandler(AnswerCollector(answers))
      }
    }.connect(host: "127.0.0.1", port: port).get()
  }

  /// Sends a request whole and waits for its answer.
  func send(
    _ body: String,
    to path: String,
    method: HTTPMethod = .POST,
    headers: [(String, String)] = [("Content-Type", "application/json")]
  ) async throws -> TestAnswer {
    channel.write(HTTPClientRequestPart.head(head(path, method, length: body.utf8.count, headers)), promise: nil)
    channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
    // Not awaited: a server that has read the whole body may have answered and closed by then.
    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    return try await answer()
  }

  /// Sends a request and, right behind it, as many for a path that there is not; gives the answers until the end.
  func pipeline(_ body: String, to path: String, ahead: Int) async throws -> [TestAnswer] {
    let headers = [("Content-Type", "application/json")]
    channel.write(HTTPClientRequestPart.head(head(path, .POST, length: body.utf8.count, headers)), promise: nil)
    channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
    channel.write(HTTPClientRequestPart.end(nil), promise: nil)
    let next = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    for _ in 0..<ahead {
      channel.write(HTTPClientRequestPart.head(next), promise: nil)
      channel.write(HTTPClientRequestPart.end(nil), promise: nil)
    }
    channel.flush()
    var received: [TestAnswer] = []
    while let answer = try? await answer() { received.append(answer) }
    return received
  }

  /// Sends a head; without a length the body goes in chunks.
  func begin(
    _ path: String,
    method: HTTPMethod = .POST,
    length: Int?,
    headers: [(String, String)] = [("Content-Type", "application/json")]
  ) async throws {
    try await channel.writeAndFlush(HTTPClientRequestPart.head(head(path, method, length: length, headers))).get()
  }

  private func head(
    _ path: String,
    _ method: HTTPMethod,
    length: Int?,
    _ headers: [(String, String)]
  ) -> HTTPRequestHead {
    var all = HTTPHeaders([("Host", "localhost")] + headers)
    if let length {
      all.add(name: "Content-Length", value: "\(length)")
    } else {
      all.add(name: "Transfer-Encoding", value: "chunked")
    }
    return HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: all)
  }

  /// Sends a part of the body.
  func part(_ text: String) async throws {
    try await channel.writeAndFlush(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(string: text)))).get()
  }

  /// Ends the request.
  func end() async throws { try await channel.writeAndFlush(HTTPClientRequestPart.end(nil)).get() }

  /// The next answer.
  func answer() async throws -> TestAnswer { try await answers.next() }

  /// Whether an answer came that nobody asked for yet.
  var hasAnswer: Bool { answers.hasAnswer }

  func close() async throws { try await channel.close().get() }
}

private final class AnswerCollector: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  /// Answers in order, for one reader.
  final class Answers: Sendable {
    private let stream: AsyncStream<TestAnswer>
    private let continuation: AsyncStream<TestAnswer>.Continuation
    private let unread = Monitor(0)

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func add(_ answer: TestAnswer) {
      unread.update { $0 += 1 }
      continuation.yield(answer)
    }

    func end() { continuation.finish() }

    var hasAnswer: Bool { unread.withLock { $0 > 0 } }

    func next() async throws -> TestAnswer {
      for await answer in stream {
        unread.update { $0 -= 1 }
        return answer
      }
      throw ConnectionEnded()
    }
  }

  private let answers: Answers
  private var head: HTTPResponseHead?
  private var body = ""

  init(_ answers: Answers) { self.answers = answers }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = ""
    case .body(let part): body += String(buffer: part)
    case .end:
      guard let head else { return }
      let headers = Dictionary(head.headers.map { ($0.name, $0.value) }) { first, _ in first }
      answers.add(TestAnswer(code: Int(head.status.code), headers: headers, body: body))
    }
  }

  func channelInactive(context: ChannelHandlerContext) { answers.end() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

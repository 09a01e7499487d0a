// What a client can make the server hold, and for how long: each bound is met by something that tries to pass it.

import Evaluation
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOPosix
import TLS
import TestSupport
import Testing
import Threads

@testable import AdmissionServer

@Suite(.timeLimit(.minutes(1))) struct LimitsTests {
  private func review(_ uid: String = "u") -> String {
    var review = TestReview(#"{"spec":{"containers":[{"name":"c"}]}}"#)
    review.uid = uid
    return review.json
  }

  private func head(_ length: Int, _ more: String = "", target: String = "/validate") -> String {
    "POST \(target) HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\(more)Content-Length: \(length)\r\n\r\n"
  }

  private func seconds(_ count: Int64) -> TimeAmount { .seconds(count) }

  // MARK: - Time

  @Test func `a connection that says nothing is closed in the end, and not before`() throws {
    let channel = try embeddedConnection()
    channel.embeddedEventLoop.advanceTime(by: seconds(ServerLimits.idleSecondsMax - 1))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: seconds(1))
    #expect(!channel.isActive)
  }

  @Test func `a head that comes byte by byte has as long as one that comes at once`() throws {
    let channel = try embeddedConnection()
    let bytes = Array(head(10).utf8)
    for second in 0..<Int(ServerLimits.headSecondsMax) {
      #expect(channel.isActive)
      try channel.writeInbound(ByteBuffer(bytes: [bytes[second]]))
      channel.embeddedEventLoop.advanceTime(by: seconds(1))
    }
    #expect(!channel.isActive)
    let text = try channel.sentText()
    #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 400"))
  }

  @Test func `a body that comes byte by byte is told when its time is up`() throws {
    let channel = try embeddedConnection()
    try channel.writeInbound(ByteBuffer(string: head(1_000)))
    for _ in 0..<ServerLimits.bodySecondsMax {
      #expect(try channel.sentText() == "")
      try channel.writeInbound(ByteBuffer(string: " "))
      channel.embeddedEventLoop.advanceTime(by: seconds(1))
    }
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 408"))
    channel.embeddedEventLoop.advanceTime(by: seconds(ServerLimits.lingerSeconds + 1))
    #expect(!channel.isActive)
  }

  @Test func `the admin listener has no more patience than the webhook`() throws {
    let silent = try embeddedAdminConnection()
    silent.embeddedEventLoop.advanceTime(by: seconds(ServerLimits.idleSecondsMax))
    #expect(!silent.isActive)
    let slow = try embeddedAdminConnection()
    try slow.writeInbound(ByteBuffer(string: "GET /livez HTTP/1.1\r\n"))
    slow.embeddedEventLoop.advanceTime(by: seconds(ServerLimits.headSecondsMax))
    #expect(!slow.isActive)
    let promising = try embeddedAdminConnection()
    try promising.writeInbound(ByteBuffer(string: "GET /livez HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n"))
    promising.embeddedEventLoop.advanceTime(by: seconds(ServerLimits.bodySecondsMax))
    #expect(!promising.isActive)
  }

  @Test func `the admin listener takes a bounded number of connections, and gives room back`() async throws {
    let server = try await TestServer(judge: nil)
    var clients: [TestClient] = []
    for _ in 0..<ServerLimits.adminConnectionsMax {
      let client = try await server.connectToAdmin()
      #expect(try await client.send("", to: "/livez", method: .GET).code == 200)
      clients.append(client)
    }
    await #expect(throws: ConnectionEnded.self) {
      try await server.connectToAdmin().send("", to: "/livez", method: .GET)
    }
    try await clients.removeLast().close()
    // The server hears of the end some moment later.
    var answer: TestAnswer?
    for _ in 0..<1_000 where answer == nil {
      answer = try? await server.connectToAdmin().send("", to: "/livez", method: .GET)
    }
    #expect(answer?.code == 200)
    #expect(try await server.connect().send(review(), to: "/validate").code == 200)
    try await server.stop()
  }

  @Test func `a connection that is used goes on for ever`() throws {
    let channel = try embeddedConnection()
    let body = review()
    for _ in 0..<5 {
      channel.embeddedEventLoop.advanceTime(by: seconds(ServerLimits.idleSecondsMax - 1))
      try channel.writeInbound(ByteBuffer(string: head(body.utf8.count) + body))
      #expect(try channel.sentText().hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func `at the end an idle connection closes at once, and one whose request is on its way has time for it`()
    throws
  {
    func end(_ connection: EmbeddedConnection) {
      connection.channel.pipeline.fireUserInboundEventTriggered(ConnectionsEnd())
      connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
    let request = head(review().utf8.count) + review()
    let idle = try embeddedConnection()
    try idle.writeInbound(ByteBuffer(string: request))
    #expect(try idle.sentText().hasPrefix("HTTP/1.1 200"))
    end(idle)
    #expect(!idle.isActive)
    for first in ["", String(request.prefix(20)), String(request.dropLast())] {
      let late = try embeddedConnection()
      if !first.isEmpty { try late.writeInbound(ByteBuffer(string: first)) }
      end(late)
      late.embeddedEventLoop.advanceTime(by: seconds(ServerLimits.lastRequestSeconds - 1))
      #expect(late.isActive, "\(first.utf8.count) bytes")
      try late.writeInbound(ByteBuffer(string: String(request.dropFirst(first.count))))
      let answer = try late.sentText()
      #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("Connection: close"), "\(answer)")
      #expect(!late.isActive)
    }
    for first in ["", "POST /validate HTTP/1.1\r\n"] {
      let silent = try embeddedConnection()
      if !first.isEmpty { try silent.writeInbound(ByteBuffer(string: first)) }
      end(silent)
      silent.embeddedEventLoop.advanceTime(by: seconds(ServerLimits.lastRequestSeconds))
      #expect(!silent.isActive)
    }
  }

  // MARK: - Size

  @Test(arguments: [
    ("/validate?" + String(repeating: "a", count: ServerLimits.targetBytesMax), "", "414"),
    ("/validate", "X-A: " + String(repeating: "a", count: ServerLimits.headerBytesMax) + "\r\n", "431"),
    ("/validate", String(repeating: "X-A: a\r\n", count: ServerLimits.headersMax), "431"),
    ("/validate?timeout=10s", "X-A: a\r\n", "200"),
  ])
  func `a head that is larger than anybody's gets the status for it`(target: String, more: String, code: String) throws
  {
    let channel = try embeddedConnection()
    let body = review()
    try channel.writeInbound(ByteBuffer(string: head(body.utf8.count, more, target: target) + body))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 \(code)"))
    // The connection is good for the next request.
    try channel.writeInbound(ByteBuffer(string: head(body.utf8.count) + body))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 200"))
  }

  @Test func `a head without end is cut off`() throws {
    let channel = try embeddedConnection()
    var sent = 0
    try channel.writeInbound(ByteBuffer(string: "POST /validate HTTP/1.1\r\n"))
    while channel.isActive, sent < 1 << 20 {
      let line = "X-\(sent): \(String(repeating: "a", count: 1_000))\r\n"
      sent += line.utf8.count
      do { try channel.writeInbound(ByteBuffer(string: line)) } catch { break }
      channel.embeddedEventLoop.run()
    }
    #expect(!channel.isActive)
    #expect(sent <= ServerLimits.unparsedHeadBytesMax + 2_000)
  }

  // MARK: - Load

  @Test func `bodies above the memory for all of them are refused, and those in it are not`() throws {
    let load = ReviewLoad(bytesMax: 1_000)
    let metrics = Metrics()
    let holder = try embeddedConnection(metrics: metrics, load: load)
    try holder.writeInbound(ByteBuffer(string: head(900)))
    try holder.writeInbound(ByteBuffer(repeating: 0x20, count: 800))
    #expect(load.bytes == 800)
    // One that says its size, and one that does not.
    let announced = try embeddedConnection(load: load)
    try announced.writeInbound(ByteBuffer(string: head(300) + String(repeating: " ", count: 300)))
    let chunked = try embeddedConnection(load: load)
    let chunk = "12c\r\n" + String(repeating: " ", count: 300) + "\r\n0\r\n\r\n"
    let chunkedHead =
      "POST /validate HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    try chunked.writeInbound(ByteBuffer(string: chunkedHead + chunk))
    for channel in [announced, chunked] {
      let text = try channel.sentText()
      #expect(text.hasPrefix("HTTP/1.1 503"))
      #expect(text.contains("Retry-After: 1"))
      #expect(channel.isActive)
    }
    #expect(load.bytes == 800)
    // One that asks first is told at once, and sends nothing.
    let asking = try embeddedConnection(load: load)
    try asking.writeInbound(ByteBuffer(string: head(300, "Expect: 100-continue\r\n")))
    #expect(try asking.sentText().hasPrefix("HTTP/1.1 503"))
    try holder.close()
    #expect(load.bytes == 0)
    let body = review()
    try announced.writeInbound(ByteBuffer(string: head(body.utf8.count) + body))
    #expect(try announced.sentText().hasPrefix("HTTP/1.1 200"))
    #expect(load.bytes == 0 && load.inFlight == 0)
  }

  @Test func `reviews are refused before they are judged while too many wait for the ledger`() throws {
    let load = ReviewLoad(reviewsMax: 1)
    let metrics = Metrics()
    let channel = try embeddedConnection(metrics: metrics, load: load)
    let body = review()
    #expect(load.begin())
    try channel.writeInbound(ByteBuffer(string: head(body.utf8.count) + body))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 503"))
    #expect(metrics.text.contains(#"hostfence_reviews_shed_total{reason="ledger"} 1"#))
    load.end()
    try channel.writeInbound(ByteBuffer(string: head(body.utf8.count) + body))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 200"))
    #expect(load.inFlight == 0 && load.bytes == 0)
  }

  @Test func `requests sent ahead while an answer waits are answered in order, a few of them`() async throws {
    let gate = Gate()
    let server = try await TestServer(ledger: StubLedger(gate: gate), judge: nil)
    let client = try await server.connect()
    // Each would be answered inside the answer before it.
    let ahead = 1_000
    var review = TestReview(#"{"spec":{"hostNetwork":true,"containers":[{"name":"c"}]}}"#)
    review.uid = "first"
    let first = review.json
    async let received = client.pipeline(first, to: "/validate", ahead: ahead)
    // Time for what was sent ahead to come in; the ledger has not answered yet.
    try await Task.sleep(for: .milliseconds(500))
    gate.open()
    let answers = try await received
    #expect(answers.first?.code == 200)
    #expect(answers.dropFirst().allSatisfy { $0.code == 404 })
    #expect(answers.last?.headers["Connection"] == "close")
    #expect(answers.count <= ServerLimits.nestedAnswersMax + 1)
    #expect(try await server.connect().send(self.review(), to: "/validate").code == 200)
    try await server.stop()
  }

  // MARK: - Clients that do not read

  @Test func `a client that takes no answers is read no more, and closed in the end`() throws {
    let expired = Monitor<[String]>([])
    let channel = EmbeddedChannel()
    let reads = ReadCounter()
    try channel.pipeline.syncOperations.addHandler(reads)
    try channel.pipeline.syncOperations.addHandler(ConnectionGuard.Backpressure())
    let clock = ConnectionClock(now: channel.eventLoop.now)
    try channel.pipeline.syncOperations.addHandler(
      ConnectionGuard(clock: clock) { phase in expired.withLock { $0.append(phase) } }
    )
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    func setWritable(_ isWritable: Bool) {
      channel.isWritable = isWritable
      channel.pipeline.fireChannelWritabilityChanged()
    }
    channel.read()
    #expect(reads.count == 1)
    setWritable(false)
    channel.read()
    channel.read()
    #expect(reads.count == 1)
    setWritable(true)
    #expect(reads.count == 2)
    setWritable(false)
    channel.embeddedEventLoop.advanceTime(by: seconds(ServerLimits.deliverySecondsMax - 1))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: seconds(1))
    #expect(!channel.isActive)
    #expect(expired.withLock { $0 } == ["delivery"])
  }

  // MARK: - Connections

  @Test func `connections are counted, in all and by address, and given back`() throws {
    var channels: [EmbeddedChannel] = []
    defer { for channel in channels { _ = try? channel.finish(acceptAlreadyClosed: true) } }
    func channel(_ address: String) throws -> EmbeddedChannel {
      let channel = EmbeddedChannel()
      channels.append(channel)
      channel.remoteAddress = try SocketAddress(ipAddress: address, port: 1)
      try channel.connect(to: SocketAddress(ipAddress: address, port: 1)).wait()
      return channel
    }
    let registry = ConnectionRegistry(connectionsMax: 3, connectionsPerSourceMax: 2)
    let first = try channel("192.0.2.1")
    try registry.add(first)
    try registry.add(try channel("192.0.2.1"))
    #expect(throws: ConnectionRegistry.Refusal.source) { try registry.add(try channel("192.0.2.1")) }
    try registry.add(try channel("192.0.2.2"))
    #expect(throws: ConnectionRegistry.Refusal.total) { try registry.add(try channel("192.0.2.3")) }
    #expect(registry.count == 3)
    try first.close().wait()
    first.embeddedEventLoop.run()
    #expect(registry.count == 2)
    try registry.add(try channel("192.0.2.1"))
    #expect(registry.count == 3)
  }

  // MARK: - The log

  @Test func `clients write a bounded number of lines, and the next ones say how many were left out`() {
    let lines = Monitor<[String]>([])
    let time = Monitor(NIODeadline.uptimeNanoseconds(0))
    let log = RateLimitedLog(
      Logger(label: "test") { _ in
        TestLog { message, fields in
          let words = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
          lines.update { $0.append(message + words.joined()) }
        }
      }
    ) { time.withLock { $0 } }
    for _ in 0..<1_000 { log.write("refused", ["code": "404"]) }
    log.write("connection closed", [:])
    #expect(lines.withLock { $0.count } == ServerLimits.noticesMax + 1)
    time.update { $0 = $0 + .seconds(ServerLimits.noticePeriodSeconds + 1) }
    log.write("refused", ["code": "404"])
    #expect(lines.withLock { $0.last } == "refused code=404 leftOutBefore=\(1_000 - ServerLimits.noticesMax)")
  }
}

/// Counts the reads that reach the socket.
private final class ReadCounter: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer

  private(set) var count = 0

  func read(context: ChannelHandlerContext) { count += 1 }
}

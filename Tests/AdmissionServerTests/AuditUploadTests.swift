// The room that audit bodies take while they come in, and that it is always given back.

import NIOCore
import NIOEmbedded
import RiskLedger
import TestSupport
import Testing

@testable import AdmissionServer

// An answer that never comes must end the test, not the patience.
@Suite(.timeLimit(.minutes(1))) struct AuditUploadTests {
  private func queue(limitBytes: Int = ServerLimits.auditQueueBytesMax) throws -> AuditQueue {
    let recorder = RiskRecorder(writer: try LedgerWriter(.none) { _ in }, onFailure: .admit, emergencyOutput: { _ in })
    return AuditQueue(
      limitBytes: limitBytes,
      recorder: recorder,
      metrics: Metrics(),
      unjudgedReasons: [],
      judge: { RememberingJudge() }
    )
  }

  private func head(_ length: Int?, headers: String = "") -> ByteBuffer {
    let framing = length.map { "Content-Length: \($0)" } ?? "Transfer-Encoding: chunked"
    return ByteBuffer(
      string: "POST /audit HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\(headers)\(framing)\r\n\r\n"
    )
  }

  @Test func `a promised body takes no room, a body that came does, and a lost connection gives it back`() throws {
    let queue = try queue()
    let channel = try embeddedConnection(audit: queue)
    try channel.writeInbound(head(1_000_000))
    #expect(queue.backlog.bytes == 0)
    try channel.writeInbound(ByteBuffer(repeating: 0x20, count: 1_000))
    #expect(queue.backlog.bytes == 1_000)
    try channel.close()
    #expect(queue.backlog.bytes == 0)
  }

  @Test func `a body that stops coming is refused in the end and gives its room back`() throws {
    let queue = try queue()
    let channel = try embeddedConnection(audit: queue)
    try channel.writeInbound(head(1_000))
    try channel.writeInbound(ByteBuffer(repeating: 0x20, count: 999))
    channel.embeddedEventLoop.advanceTime(by: .seconds(ServerLimits.bodySecondsMax - 1))
    #expect(try channel.sentText() == "")
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    let text = try channel.sentText()
    #expect(text.hasPrefix("HTTP/1.1 408"))
    #expect(text.contains("Connection: close"))
    #expect(queue.backlog.bytes == 0)
    channel.embeddedEventLoop.advanceTime(by: .seconds(ServerLimits.lingerSeconds + 1))
    #expect(!channel.isActive)
  }

  @Test func `each batch of a connection has a deadline of its own`() throws {
    let queue = try queue(limitBytes: 1_000)
    let holder = try embeddedConnection(audit: queue)
    try holder.writeInbound(head(900))
    try holder.writeInbound(ByteBuffer(repeating: 0x20, count: 899))
    let channel = try embeddedConnection(audit: queue)
    try channel.writeInbound(head(nil))
    try channel.writeInbound(ByteBuffer(string: "c8\r\n" + String(repeating: " ", count: 200) + "\r\n0\r\n\r\n"))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 503"))
    channel.embeddedEventLoop.advanceTime(by: .seconds(20))
    try channel.writeInbound(head(100))
    channel.embeddedEventLoop.advanceTime(by: .seconds(ServerLimits.bodySecondsMax - 1))
    #expect(try channel.sentText() == "")
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 408"))
  }

  @Test func `the deadline of a batch that came in is over with it`() async throws {
    let body = AuditBody.list("1")
    let channel = try await testingConnection(audit: try queue())
    for _ in 0..<2 {
      try await channel.writeInbound(head(body.utf8.count))
      try await channel.writeInbound(ByteBuffer(string: body))
      var text = ""
      while !text.contains("Success") { text += String(buffer: try await channel.waitForOutboundWrite()) }
      #expect(text.hasPrefix("HTTP/1.1 200"))
      await channel.testingEventLoop.advanceTime(by: .seconds(ServerLimits.bodySecondsMax))
      var rest = ""
      while let more: ByteBuffer = try await channel.readOutbound() { rest += String(buffer: more) }
      #expect(rest == "")
      #expect(channel.isActive)
    }
  }

  @Test func `a client that waits for leave to send hears at once that there is no room`() throws {
    let queue = try queue(limitBytes: 100)
    let holder = try embeddedConnection(audit: queue)
    try holder.writeInbound(head(100))
    try holder.writeInbound(ByteBuffer(repeating: 0x20, count: 60))
    let channel = try embeddedConnection(audit: queue)
    try channel.writeInbound(head(50, headers: "Expect: 100-continue\r\n"))
    let text = try channel.sentText()
    #expect(text.hasPrefix("HTTP/1.1 503"))
    #expect(text.contains("Retry-After: 1\r\n"))
    let small = try embeddedConnection(audit: queue)
    try small.writeInbound(head(40, headers: "Expect: 100-continue\r\n"))
    #expect(try small.sentText().hasPrefix("HTTP/1.1 100 Continue"))
  }

  @Test(arguments: 0..<20)
  func `however requests break off, all room is given back`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let queue = try queue(limitBytes: 4_000)
    var channels: [EmbeddedConnection] = []
    for _ in 0..<30 {
      let channel = try embeddedConnection(audit: queue)
      let length = Int.random(in: 2...5_000, using: &generator)
      try channel.writeInbound(head(length))
      let sent = Int.random(in: 0..<length, using: &generator)
      if channel.isActive, sent > 0 { try channel.writeInbound(ByteBuffer(repeating: 0x20, count: sent)) }
      channels.append(channel)
      #expect((0...4_000).contains(queue.backlog.bytes))
      if Bool.random(using: &generator), let victim = channels.randomElement(using: &generator), victim.isActive {
        try victim.close()
      }
    }
    for channel in channels where channel.isActive {
      channel.embeddedEventLoop.advanceTime(by: .seconds(ServerLimits.bodySecondsMax))
    }
    #expect(queue.backlog.bytes == 0)
  }
}

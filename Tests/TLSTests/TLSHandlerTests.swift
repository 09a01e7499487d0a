// The handler with both ends in memory: handshakes, order, pieces, batches, reads.

import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import TLS

@Suite struct TLSHandlerTests {
  let certificates: TestCertificates

  init() throws {
    certificates = try TestCertificates.shared.get()
  }

  static let versions: [TLSContext.Versions] = [.only12, .only13]

  func pair(_ versions: TLSContext.Versions) throws -> ConnectionPair {
    try ConnectionPair(server: certificates.serverContext(versions: versions))
  }

  @Test(arguments: versions)
  func `both ends learn of the handshake and of http 1.1`(versions: TLSContext.Versions) throws {
    let pair = try pair(versions)
    try pair.handshake()
    #expect(pair.client.recorder.handshakes == ["http/1.1"])
    #expect(pair.server.recorder.handshakes == ["http/1.1"])
    #expect(pair.client.recorder.errors.isEmpty)
  }

  @Test(arguments: versions)
  func `records delivered one byte at a time arrive whole`(versions: TLSContext.Versions) throws {
    let pair = try pair(versions)
    try pair.handshake(byteByByte)
    let text = String(repeating: "host network ", count: 3_000)
    pair.client.write(text)
    pair.server.write("fine")
    try pair.pump(byteByByte)
    #expect(pair.server.recorder.text == text)
    #expect(pair.client.recorder.text == "fine")
  }

  @Test(arguments: versions)
  func `writes before the handshake are held in order and only flushed ones are sent`(
    versions: TLSContext.Versions
  ) throws {
    let pair = try pair(versions)
    try pair.client.connect()
    pair.client.write("one ")
    pair.client.channel.write(ByteBuffer(string: "two"), promise: nil)
    try pair.server.connect()
    try pair.pump()
    #expect(pair.server.recorder.text == "one ")
    pair.client.channel.flush()
    try pair.pump()
    #expect(pair.server.recorder.text == "one two")
  }

  @Test func `the end of a handshake and the first request leave in one buffer`() throws {
    let pair = try pair(.only13)
    pair.client.recorder.onEvent = { context, _ in
      context.writeAndFlush(NIOAny(ByteBuffer(string: "request")), promise: nil)
    }
    try pair.server.connect()
    try pair.client.connect()
    for buffer in try pair.client.takeOutbound() { try pair.server.deliver(buffer) }
    for buffer in try pair.server.takeOutbound() { try pair.client.deliver(buffer) }
    let last = try pair.client.takeOutbound()
    #expect(last.count == 1)
    for buffer in last { try pair.server.deliver(buffer) }
    #expect(pair.server.recorder.text == "request")
  }

  @Test func `small writes of one flush become one record and one buffer`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    for text in ["HTTP/1.1 200 OK\r\n\r\n", "", "body", "end"] {
      pair.server.channel.write(ByteBuffer(string: text), promise: nil)
    }
    pair.server.channel.flush()
    let sent = try pair.server.takeOutbound()
    #expect(sent.count == 1)
    // 26 bytes of text, header 5, content type 1, tag 16.
    #expect(sent.first?.readableBytes == 26 + 22)
    for buffer in sent { try pair.client.deliver(buffer) }
    #expect(pair.client.recorder.text == "HTTP/1.1 200 OK\r\n\r\nbodyend")
    #expect(pair.client.recorder.batches == 1)
  }

  @Test func `records received together are passed on together with room behind them`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    var together = ByteBuffer()
    for index in 0..<50 {
      pair.client.write(String(repeating: "x", count: index * 17 + 1))
      for buffer in try pair.client.takeOutbound() { together.writeImmutableBuffer(buffer) }
    }
    try pair.server.deliver(together)
    #expect(pair.server.recorder.batches == 1)
    #expect(pair.server.recorder.sparesBytesMin >= TLSLimits.inboundSpareBytes)
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
  func `any writes, flushes and pieces give the same bytes and keep every promise in order`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let pair = try pair(seed % 2 == 0 ? .only12 : .only13)
    try pair.handshake()
    var expected = ByteBuffer()
    var kept: [Int] = []
    let sizes = [0, 1, 5, 100, 3_000, 16_383, 16_384, 16_385, 40_000, TLSLimits.outboundPlaintextBytesMax, 600_000]
    for index in 0..<60 {
      let size = sizes.randomElement(using: &random) ?? 0
      let bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      expected.writeBytes(bytes)
      let promise = pair.client.loop.makePromise(of: Void.self)
      promise.futureResult.assumeIsolated().whenSuccess { kept.append(index) }
      pair.client.channel.write(ByteBuffer(bytes: bytes), promise: promise)
      guard Bool.random(using: &random) || index == 59 else { continue }
      pair.client.channel.flush()
      try pair.pump { buffer in
        var buffer = buffer
        var pieces: [ByteBuffer] = []
        while buffer.readableBytes > 0 {
          let length = min(buffer.readableBytes, Int.random(in: 1...70_000, using: &random))
          pieces.append(buffer.readSlice(length: length) ?? ByteBuffer())
        }
        return pieces
      }
    }
    #expect(pair.server.recorder.received == expected, "seed \(seed)")
    #expect(kept.sorted() == Array(0..<60), "seed \(seed)")
    #expect(pair.server.recorder.sparesBytesMin >= TLSLimits.inboundSpareBytes, "seed \(seed)")
  }

  @Test func `a read is asked for again until it yields plaintext`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    let reads = ReadCounter()
    try pair.server.channel.pipeline.syncOperations.addHandler(reads, position: .first)
    pair.client.write("whole")
    var record = try #require(try pair.client.takeOutbound().first)
    pair.server.channel.read()
    #expect(reads.count == 1)
    try pair.server.deliver(record.readSlice(length: 9) ?? ByteBuffer())
    #expect(reads.count == 2)
    try pair.server.deliver(record)
    #expect(pair.server.recorder.text == "whole")
    #expect(reads.count == 2)
  }

  @Test func `decryption into a buffer without room makes room for the rest and for what lies behind it`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    let handler = pair.server.handler
    pair.client.write(String(repeating: "x", count: 5_000))
    for buffer in try pair.client.takeOutbound() { handler.connection.transport.receive(buffer) }
    var plaintext = ByteBuffer()
    while handler.connection.mayYieldMore {
      #expect(try handler.connection.decrypt(into: &plaintext) == .decrypted)
      #expect(plaintext.writableBytes >= TLSLimits.inboundSpareBytes)
    }
    #expect(plaintext.readableBytes == 5_000)
  }
}

/// Counts the reads that reach the network.
final class ReadCounter: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  var count = 0

  func read(context: ChannelHandlerContext) {
    count += 1
    context.read()
  }
}

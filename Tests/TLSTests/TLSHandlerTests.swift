// The handler with both ends in memory: order, pieces, closing, failures, limits, time.

import NIOCore
import NIOEmbedded
import NIOTLS
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

  // MARK: - Closing

  @Test(arguments: versions, [true, false])
  func `the end that closes says so and the other closes too`(
    versions: TLSContext.Versions,
    clientCloses: Bool
  ) throws {
    let pair = try pair(versions)
    try pair.handshake()
    let (closing, other) = clientCloses ? (pair.client, pair.server) : (pair.server, pair.client)
    closing.write("last words")
    let closed = closing.channel.close()
    try pair.pump()
    try closed.wait()
    #expect(other.recorder.text == "last words")
    #expect(other.recorder.shutdowns == 1)
    #expect(other.recorder.errors.isEmpty)
    #expect(!closing.isOpen)
    #expect(!other.isOpen)
  }

  @Test func `closing twice keeps both promises and sends one close_notify`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    let first = pair.server.channel.close()
    let second = pair.server.channel.close()
    try first.wait()
    #expect(throws: ChannelError.self) { try second.wait() }
    #expect(try pair.server.takeOutbound().count == 1)
  }

  @Test func `an unflushed write fails when the channel is closed`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    let written = pair.server.channel.write(ByteBuffer(string: "never flushed"))
    pair.server.channel.close(promise: nil)
    #expect(throws: ChannelError.ioOnClosedChannel) { try written.wait() }
  }

  @Test func `a hang-up without close_notify is told as truncation`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    pair.client.write("half a requ")
    try pair.pump()
    pair.server.hangUp()
    #expect(pair.server.recorder.errorCodes == [.truncated])
    #expect(pair.server.recorder.isInactive)
  }

  @Test func `a hang-up during the handshake is told and a silent port probe is not`() throws {
    let pair = try pair(.only13)
    try pair.server.connect()
    try pair.client.connect()
    for buffer in try pair.client.takeOutbound() { try pair.server.deliver(buffer) }
    pair.server.hangUp()
    #expect(pair.server.recorder.errorCodes == [.handshakeAbandoned])
    let probed = try End(TLSHandler(context: certificates.serverContext()))
    try probed.connect()
    probed.hangUp()
    #expect(probed.recorder.errors.isEmpty)
    #expect(probed.recorder.isInactive)
  }

  @Test func `an application that closes while it reads ends the connection without an error`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    pair.server.recorder.onRead = { context, _ in context.close(promise: nil) }
    pair.client.write("one")
    pair.client.write("two")
    try pair.pump()
    #expect(pair.server.recorder.errors.isEmpty)
    #expect(!pair.server.isOpen)
    #expect(pair.client.recorder.shutdowns == 1)
  }

  @Test(arguments: ["close", "closed by peer", "hang-up", "failure", "timeout", "never connected"])
  func `a connection that ended is freed`(ending: String) throws {
    weak var handler: TLSHandler?
    do {
      let pair = try pair(.only13)
      handler = pair.server.handler
      switch ending {
      case "close", "closed by peer", "hang-up":
        try pair.handshake()
        if ending == "hang-up" { pair.server.hangUp() }
        try (ending == "close" ? pair.server : pair.client).channel.close().wait()
        try pair.pump()
      case "failure", "timeout":
        try pair.server.connect()
        if ending == "failure" { try pair.server.deliver(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n")) }
        pair.server.loop.advanceTime(by: .seconds(TLSLimits.handshakeSeconds))
        #expect(pair.server.recorder.errors.count == 1)
      default: break
      }
      #expect(handler != nil)
    }
    #expect(handler == nil)
  }

  // MARK: - Failures

  @Test(arguments: ["GET / HTTP/1.1\r\nHost: hostfence\r\n\r\n", "\u{16}\u{03}\u{01}\u{7f}", "SSH-2.0-OpenSSH_9\r\n"])
  func `what is no ClientHello fails the handshake or waits for more`(text: String) throws {
    let server = try End(TLSHandler(context: certificates.serverContext()))
    try server.connect()
    try server.deliver(ByteBuffer(string: text + String(repeating: "\u{1}", count: 40_000)))
    #expect(server.recorder.errorCodes == [.handshakeFailed])
    #expect(!server.isOpen)
  }

  @Test(arguments: [UInt64(11), 12, 13, 14])
  func `random bytes never complete a handshake and never survive the timeout`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let server = try End(TLSHandler(context: certificates.serverContext()))
      try server.connect()
      var bytes = (0..<Int.random(in: 1...600, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      if Bool.random(using: &random) { bytes.replaceSubrange(0..<0, with: [0x16, 3, 1]) }
      try server.deliver(ByteBuffer(bytes: bytes))
      server.loop.advanceTime(by: .seconds(TLSLimits.handshakeSeconds))
      #expect(server.recorder.handshakes.isEmpty, "seed \(seed)")
      #expect(server.recorder.errors.count == 1, "seed \(seed)")
      #expect(!server.isOpen, "seed \(seed)")
    }
  }

  @Test(arguments: [UInt64(21), 22])
  func `one changed byte of a handshake fails it and is never taken for the original`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let pair = try pair(seed % 2 == 0 ? .only12 : .only13)
      var budget = Int.random(in: 0..<1_200, using: &random)
      var isChanged = false
      try pair.handshake { buffer in
        var buffer = buffer
        if !isChanged, budget < buffer.readableBytes {
          isChanged = true
          let index = buffer.readerIndex + budget
          let old: UInt8 = buffer.getInteger(at: index) ?? 0
          buffer.setInteger(old ^ UInt8.random(in: 1...255, using: &random), at: index)
        }
        budget -= buffer.readableBytes
        return [buffer]
      }
      guard isChanged else { continue }
      pair.client.loop.advanceTime(by: .seconds(60))
      pair.server.loop.advanceTime(by: .seconds(60))
      let errors = pair.client.recorder.errors.count + pair.server.recorder.errors.count
      let done = pair.client.recorder.handshakes.count + pair.server.recorder.handshakes.count
      // A record's version bytes are not authenticated and may differ; nothing else may.
      #expect(errors > 0 || done == 2, "seed \(seed)")
    }
  }

  @Test(arguments: versions)
  func `garbage after the handshake is an error and the peer gets an alert`(versions: TLSContext.Versions) throws {
    let pair = try pair(versions)
    try pair.handshake()
    pair.client.write("genuine")
    try pair.pump()
    try pair.server.deliver(ByteBuffer(bytes: [0x17, 3, 3, 0, 32] + [UInt8](repeating: 0x5A, count: 32)))
    #expect(pair.server.recorder.errorCodes == [.protocolViolation])
    #expect(!pair.server.isOpen)
    #expect(pair.server.recorder.text == "genuine")
    try pair.pump()
    #expect(pair.client.recorder.errorCodes == [.protocolViolation])
    #expect(pair.client.recorder.errors.first.map { "\($0)" }?.contains("bad record mac") == true)
  }

  @Test func `plaintext before a broken record is passed on before the error`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    pair.client.write("genuine")
    var together = ByteBuffer()
    for buffer in try pair.client.takeOutbound() { together.writeImmutableBuffer(buffer) }
    together.writeBytes([0x17, 3, 3, 0, 32] + [UInt8](repeating: 0x5A, count: 32))
    try pair.server.deliver(together)
    #expect(pair.server.recorder.text == "genuine")
    #expect(pair.server.recorder.errorCodes == [.protocolViolation])
  }

  @Test func `an old record sent again is refused`() throws {
    let pair = try pair(.only13)
    try pair.handshake()
    pair.client.write("pay")
    let record = try #require(try pair.client.takeOutbound().first)
    try pair.server.deliver(record)
    try pair.server.deliver(record)
    #expect(pair.server.recorder.text == "pay")
    #expect(pair.server.recorder.errorCodes == [.protocolViolation])
  }

  // MARK: - Limits

  @Test func `a handshake that takes too long closes the connection`() throws {
    let server = try End(TLSHandler(context: certificates.serverContext(), handshakeTimeout: .seconds(3)))
    try server.connect()
    server.loop.advanceTime(by: .milliseconds(2_999))
    #expect(server.isOpen)
    server.loop.advanceTime(by: .milliseconds(1))
    #expect(server.recorder.errorCodes == [.handshakeTimedOut])
    #expect(!server.isOpen)
  }

  @Test func `a finished handshake is not timed out`() throws {
    let pair = try pair(.only12)
    try pair.handshake()
    pair.server.loop.advanceTime(by: .hours(1))
    pair.client.loop.advanceTime(by: .hours(1))
    #expect(pair.server.isOpen)
    #expect(pair.client.isOpen)
    #expect(pair.server.recorder.errors.isEmpty)
  }

  @Test func `handshake data without end is refused`() throws {
    let server = try End(TLSHandler(context: certificates.serverContext()))
    try server.connect()
    var sent = 0
    while server.isOpen, sent <= TLSLimits.handshakeBytesMax + 20_000 {
      // A record of a ClientHello said to be 128 kB long, which OpenSSL collects for a while.
      let record = [0x16, 3, 1, 0x3F, 0xF0] + (sent == 0 ? [1, 1, 0xFF, 0xFF, 3, 3] : []) as [UInt8]
      let fill = [UInt8](repeating: 0, count: 0x3FF0 + 5 - record.count)
      try server.deliver(ByteBuffer(bytes: record + fill))
      sent += 0x3FF0 + 5
    }
    #expect(!server.isOpen)
    #expect(sent <= TLSLimits.handshakeBytesMax + 20_000)
    #expect(server.recorder.errors.count == 1)
  }

  @Test func `writes beyond what is held for the handshake fail`() throws {
    let client = try End(TLSHandler(context: certificates.clientContext(), peerName: "localhost"))
    try client.connect()
    let large = ByteBuffer(repeating: 0, count: TLSLimits.heldBytesMax + 1)
    client.channel.write(large, promise: nil)
    let refused = client.channel.write(ByteBuffer(string: "one more"))
    #expect(throws: TLSError.self) { try refused.wait() }
    client.channel.close(promise: nil)
  }

  // MARK: - Trust

  @Test(arguments: versions)
  func `a server certificate for another name is refused`(versions: TLSContext.Versions) throws {
    for name in ["other.example.org", "a.b.example.com", "127.0.0.2", "example.com"] {
      let pair = try ConnectionPair(server: certificates.serverContext(versions: versions), peerName: name)
      try pair.handshake()
      #expect(pair.client.recorder.errorCodes == [.peerNotTrusted], "\(name)")
      #expect(pair.client.recorder.handshakes.isEmpty)
      #expect(pair.server.recorder.errors.count == 1, "the alert reaches the server")
    }
  }

  @Test(arguments: ["localhost", "LOCALHOST", "hostfence.hostfence-system.svc", "any.example.com", "127.0.0.1", "::1"])
  func `a server certificate for the name is accepted`(name: String) throws {
    let pair = try ConnectionPair(peerName: name)
    try pair.handshake()
    #expect(pair.client.recorder.errors.isEmpty)
    #expect(pair.client.recorder.handshakes.count == 1)
  }

  @Test func `a server of another authority is refused`() throws {
    let stranger = certificates.directory.file("stranger/ca.crt")
    let pair = try ConnectionPair(client: certificates.clientContext(ca: stranger))
    try pair.handshake()
    #expect(pair.client.recorder.errorCodes == [.peerNotTrusted])
    #expect(!pair.client.isOpen)
    #expect(!pair.server.isOpen)
  }

  @Test(arguments: versions)
  func `client certificates are required, of the right authority, and for clients`(
    versions: TLSContext.Versions
  ) throws {
    let clientCA = certificates.directory.file("clients/ca.crt")
    let server = try certificates.serverContext(clientCA: clientCA, versions: versions)

    let right = try ConnectionPair(server: server, client: certificates.clientContext(certificateOf: "clients"))
    try right.handshake()
    right.client.write("let me in")
    try right.pump()
    #expect(right.server.recorder.text == "let me in")

    let serverOnly = try TLSContext.client(
      caPEMFile: certificates.ca,
      certificateChainPEMFile: certificates.directory.file("clients/tls.crt"),
      privateKeyPEMFile: certificates.directory.file("clients/tls.key")
    )
    for client in try [
      certificates.clientContext(), certificates.clientContext(certificateOf: "stranger"), serverOnly,
    ] {
      let refused = try ConnectionPair(server: server, client: client)
      try refused.handshake()
      refused.client.write("let me in")
      try refused.pump()
      #expect(refused.server.recorder.errorCodes == [.peerNotTrusted])
      #expect(refused.server.recorder.text.isEmpty)
      #expect(refused.client.recorder.errors.count == 1)
      #expect(!refused.server.isOpen)
    }
  }

  @Test func `a replaced context serves new connections and leaves old ones alone`() throws {
    let holder = TLSContextHolder(try certificates.serverContext())
    let old = try ConnectionPair(server: holder.current)
    try old.handshake()
    holder.replace(
      with: try TLSContext.server(
        certificateChainPEMFile: certificates.directory.file("stranger/tls.crt"),
        privateKeyPEMFile: certificates.directory.file("stranger/tls.key")
      )
    )
    let new = try ConnectionPair(server: holder.current)
    try new.handshake()
    #expect(new.client.recorder.errorCodes == [.peerNotTrusted])
    old.client.write("still here")
    try old.pump()
    #expect(old.server.recorder.text == "still here")
  }
}

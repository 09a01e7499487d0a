// What a handler does with garbage, forgeries, floods and silence.

import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import TLS

@Suite struct TLSHandlerFailureTests {
  let certificates: TestCertificates
  static let versions: [TLSContext.Versions] = [.only12, .only13]

  init() throws { certificates = try TestCertificates.shared.get() }

  func pair(_ versions: TLSContext.Versions) throws -> ConnectionPair {
    try ConnectionPair(server: certificates.serverContext(versions: versions))
  }

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

  @Test func `a handshake ends at our own bound, whatever OpenSSL would still collect`() throws {
    let client = try End(TLSHandler(context: certificates.clientContext(), peerName: "localhost"))
    let server = try End(TLSHandler(context: certificates.serverContext(), handshakeBytesMax: 100))
    try client.connect()
    try server.connect()
    for buffer in try client.takeOutbound() {
      for part in byteByByte(buffer) where server.isOpen { try server.deliver(part) }
    }
    #expect(!server.isOpen)
    #expect(server.recorder.errorCodes == [.handshakeTooLarge])
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
}

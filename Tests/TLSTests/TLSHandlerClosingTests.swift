// How connections end, with both ends in memory: cleanly, cut off, and freed.

import NIOCore
import NIOEmbedded
import Testing

@testable import TLS

@Suite struct TLSHandlerClosingTests {
  let certificates: TestCertificates
  static let versions: [TLSContext.Versions] = [.only12, .only13]

  init() throws { certificates = try TestCertificates.shared.get() }

  func pair(_ versions: TLSContext.Versions) throws -> ConnectionPair {
    try ConnectionPair(server: certificates.serverContext(versions: versions))
  }

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
}

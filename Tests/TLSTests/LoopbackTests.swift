// Over real sockets on the loopback: our client, `openssl s_client` and curl against our server.

import NIOCore
import NIOPosix
import NIOTLS
import TestSupport
import Testing
import Threads

@testable import TLS

/// Sends back all it gets; with `asHTTP`, answers each request head with a short page instead.
final class Echo: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  let asHTTP: Bool
  let errors: ErrorLog

  init(asHTTP: Bool, errors: ErrorLog) {
    self.asHTTP = asHTTP
    self.errors = errors
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard asHTTP else { return context.writeAndFlush(data, promise: nil) }
    guard String(buffer: unwrapInboundIn(data)).hasSuffix("\r\n\r\n") else { return }
    for text in ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "fence"] {
      context.write(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
    context.flush()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { errors.add(error) }
}

/// Errors of all connections of a server.
final class ErrorLog: Sendable {
  private let texts = Monitor<[String]>([])
  var all: [String] { texts.withLock { $0 } }
  func add(_ error: any Error) { texts.withLock { $0.append("\(error)") } }
}

/// A server on 127.0.0.1 with a port of its own.
struct LoopbackServer {
  let channel: any Channel
  let errors = ErrorLog()
  var port: Int { channel.localAddress?.port ?? 0 }

  init(_ context: TLSContext, asHTTP: Bool = false) throws {
    channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [errors] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            TLSHandler(context: context),
            Echo(asHTTP: asHTTP, errors: errors)
          )
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
  }

  func stop() throws { try channel.close().wait() }
}

/// Gathers until `expectedBytes` are there or the connection ends.
final class Gatherer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private var gathered = ByteBuffer()
  private let expectedBytes: Int
  private let promise: EventLoopPromise<ByteBuffer>

  init(expectedBytes: Int, promise: EventLoopPromise<ByteBuffer>) {
    self.expectedBytes = expectedBytes
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    gathered.writeImmutableBuffer(unwrapInboundIn(data))
    if gathered.readableBytes >= expectedBytes { promise.succeed(gathered) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.fail(error) }
  func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
}

@Suite(.serialized) struct LoopbackTests {
  let certificates: TestCertificates

  init() throws {
    certificates = try TestCertificates.shared.get()
  }

  func connect(_ port: Int, _ context: TLSContext, expectedBytes: Int) throws -> (
    any Channel, EventLoopFuture<ByteBuffer>
  ) {
    let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: ByteBuffer.self)
    let channel = try ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            TLSHandler(context: context, peerName: "127.0.0.1"),
            Gatherer(expectedBytes: expectedBytes, promise: promise)
          )
        }
      }
      .connect(host: "127.0.0.1", port: port).wait()
    return (channel, promise.futureResult)
  }

  @Test(arguments: [TLSContext.Versions.only12, .only13], [UInt64(31), 32])
  func `ten megabytes in random pieces come back unchanged`(versions: TLSContext.Versions, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    let total = 10 * 1024 * 1024
    let words = (0..<total / 8).map { _ in random.next() }
    let expected = words.withUnsafeBytes { ByteBuffer(bytes: $0) }
    let (channel, echoed) = try connect(
      server.port,
      certificates.clientContext(versions: versions),
      expectedBytes: total
    )
    var rest = expected
    while rest.readableBytes > 0 {
      let length = min(
        rest.readableBytes,
        Int.random(in: 1...(Bool.random(using: &random) ? 200 : 300_000), using: &random)
      )
      channel.write(rest.readSlice(length: length) ?? ByteBuffer(), promise: nil)
      if Bool.random(using: &random) { channel.flush() }
    }
    channel.flush()
    #expect(try echoed.wait() == expected, "seed \(seed)")
    try channel.close().wait()
    #expect(server.errors.all.isEmpty)
  }

  @Test func `many small writes come back unchanged`() throws {
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    let (channel, echoed) = try connect(server.port, certificates.clientContext(), expectedBytes: 20_000)
    for index in 0..<20_000 {
      channel.writeAndFlush(ByteBuffer(integer: UInt8(truncatingIfNeeded: index)), promise: nil)
    }
    let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try echoed.wait() == ByteBuffer(bytes: bytes))
    try channel.close().wait()
  }

  @Test func `a server that closes reaches the client as a clean end`() throws {
    let server = try LoopbackServer(certificates.serverContext())
    let (channel, echoed) = try connect(server.port, certificates.clientContext(), expectedBytes: 5)
    channel.writeAndFlush(ByteBuffer(string: "hello"), promise: nil)
    #expect(try echoed.wait() == ByteBuffer(string: "hello"))
    try server.stop()
    try channel.close().wait()
    #expect(server.errors.all.isEmpty)
  }

  @Test func `a client that reads by hand gets its handshake and its data`() throws {
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    let context = try certificates.clientContext()
    let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: ByteBuffer.self)
    let channel = try ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: false)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            TLSHandler(context: context, peerName: "127.0.0.1"),
            Gatherer(expectedBytes: 5, promise: promise)
          )
        }
      }
      .connect(host: "127.0.0.1", port: server.port).wait()
    channel.writeAndFlush(ByteBuffer(string: "hello"), promise: nil)
    channel.read()
    #expect(try promise.futureResult.wait() == ByteBuffer(string: "hello"))
    try channel.close().wait()
  }

  @Test func `a client that closes its sending side ends the connection cleanly`() throws {
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    let (channel, echoed) = try connect(server.port, certificates.clientContext(), expectedBytes: 5)
    channel.writeAndFlush(ByteBuffer(string: "hello"), promise: nil)
    #expect(try echoed.wait() == ByteBuffer(string: "hello"))
    try channel.close(mode: .output).wait()
    #expect(throws: ChannelError.self) { try channel.writeAndFlush(ByteBuffer(string: "more")).wait() }
    try channel.closeFuture.wait()
    #expect(server.errors.all.isEmpty)
  }

  // MARK: - openssl s_client and curl

  func client(_ server: LoopbackServer, _ options: String, input: String = "") throws -> Command.Outcome {
    try Command.run(
      "openssl s_client -connect 127.0.0.1:\(server.port) -CAfile \(certificates.ca) -verify_return_error "
        + "-verify_hostname localhost \(options)",
      input: input
    )
  }

  @Test(arguments: [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
  func `s_client connects with TLS 1.2 and 1.3 and agrees on http 1.1`(option: String, version: String) throws {
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    let outcome = try client(server, "\(option) -alpn h2,http/1.1")
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(outcome.text.contains("\(version), Cipher"), "\(outcome.text)")
    #expect(outcome.text.contains("ALPN protocol: http/1.1"))
    #expect(outcome.text.contains("Verify return code: 0 (ok)"))
    #expect(outcome.text.contains("Compression: NONE"))
    #expect(!outcome.text.contains("TLS session ticket:"))
  }

  @Test func `a client without ALPN goes on`() throws {
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    let outcome = try client(server, "")
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("No ALPN negotiated"))
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `a client of h2 only gets the alert no_application_protocol`(option: String) throws {
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    let outcome = try client(server, "\(option) -alpn h2")
    #expect(outcome.status != 0)
    #expect(outcome.text.contains("no application protocol"), "\(outcome.text)")
    #expect(server.errors.all.contains { $0.contains("no application protocol") })
  }

  @Test func `a client that asks to renegotiate is told no`() throws {
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    // A line that is R alone makes s_client renegotiate.
    let outcome = try client(server, "-tls1_2", input: "R\n")
    #expect(outcome.text.contains("RENEGOTIATING"))
    #expect(outcome.text.contains("no renegotiation"), "\(outcome.text)")
  }

  @Test func `TLS 1.1 gets the alert protocol_version`() throws {
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    let outcome = try client(server, "-tls1_1 -cipher DEFAULT@SECLEVEL=0")
    #expect(outcome.status != 0)
    #expect(outcome.text.contains("alert protocol version"), "\(outcome.text)")
  }

  @Test(arguments: [
    "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "DHE-RSA-AES128-GCM-SHA256",
  ])
  func `TLS 1.2 without forward secrecy or authenticated encryption is refused`(suite: String) throws {
    let server = try LoopbackServer(certificates.serverContext())
    defer { try? server.stop() }
    let outcome = try client(server, "-tls1_2 -cipher \(suite)")
    #expect(outcome.status != 0)
    #expect(outcome.text.contains("alert handshake failure"), "\(outcome.text)")
  }

  @Test(arguments: ["--tlsv1.2 --tls-max 1.2", "--tlsv1.3"])
  func `curl gets several answers over one connection`(option: String) throws {
    let server = try LoopbackServer(certificates.serverContext(), asHTTP: true)
    defer { try? server.stop() }
    let url = "https://localhost:\(server.port)/"
    let resolve = "--resolve localhost:\(server.port):127.0.0.1"
    let outcome = try Command.run(
      "curl -sS --http1.1 \(option) --cacert \(certificates.ca) \(resolve) \(url) \(url) \(url)"
    )
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(outcome.text == "fencefencefence")
  }

  @Test func `curl shows a client certificate where one is required`() throws {
    let clients = certificates.directory.file("clients")
    let server = try LoopbackServer(certificates.serverContext(clientCA: "\(clients)/ca.crt"), asHTTP: true)
    defer { try? server.stop() }
    let curl = "curl -sS --cacert \(certificates.ca) https://127.0.0.1:\(server.port)/"
    #expect(try Command.check("\(curl) --cert \(clients)/client.crt --key \(clients)/client.key") == "fence")
    #expect(try Command.run(curl).status != 0)
    #expect(server.errors.all.contains { $0.contains("showed no certificate") })
  }

  @Test func `plain HTTP sent to the server fails that connection only`() throws {
    let server = try LoopbackServer(certificates.serverContext(), asHTTP: true)
    defer { try? server.stop() }
    #expect(try Command.run("curl -sS http://127.0.0.1:\(server.port)/").status != 0)
    #expect(server.errors.all.contains { $0.contains("http request") })
    #expect(try Command.check("curl -sS --cacert \(certificates.ca) https://127.0.0.1:\(server.port)/") == "fence")
  }
}

// The HTTP side byte by byte, without sockets: pipelining, chunks, early refusals.

import Evaluation
import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import AdmissionServer

@Suite struct HTTPTests {
  private func connect() throws -> EmbeddedConnection { try embeddedConnection() }

  private func review(uid: String) -> String {
    var review = TestReview(#"{"spec":{"containers":[{"name":"c"}]}}"#)
    review.uid = uid
    return review.json
  }

  private func request(_ body: String, path: String = "/validate", headers: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test func `pipelined requests are answered in order`() throws {
    let channel = try connect()
    let bytes = (1...5).map { request(review(uid: "uid-\($0)")) }.joined()
    try channel.writeInbound(ByteBuffer(string: bytes))
    channel.embeddedEventLoop.run()
    let text = try channel.sentText()
    #expect(text.matches(of: /"uid":"uid-(\d)","allowed":true/).map { String($0.1) } == ["1", "2", "3", "4", "5"])
    #expect(text.matches(of: /HTTP\/1\.1 200 OK/).count == 5)
    #expect(channel.isActive)
  }

  @Test func `a request that comes byte by byte is one request`() throws {
    let channel = try connect()
    for byte in request(review(uid: "slow")).utf8 { try channel.writeInbound(ByteBuffer(bytes: [byte])) }
    #expect(try channel.sentText().contains(#""uid":"slow","allowed":true"#))
  }

  @Test func `a chunked body is put together`() throws {
    let channel = try connect()
    var text =
      "POST /validate HTTP/1.1\r\nHost: h\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
    for character in review(uid: "chunked") { text += "1\r\n\(character)\r\n" }
    try channel.writeInbound(ByteBuffer(string: text + "0\r\n\r\n"))
    #expect(try channel.sentText().contains(#""uid":"chunked","allowed":true"#))
  }

  @Test func `a client that waits for leave to send gets it`() throws {
    let channel = try connect()
    let whole = request(review(uid: "expect"), headers: "Expect: 100-continue\r\n")
    let end = try #require(whole.range(of: "\r\n\r\n")).upperBound
    try channel.writeInbound(ByteBuffer(string: String(whole[..<end])))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 100 Continue"))
    try channel.writeInbound(ByteBuffer(string: String(whole[end...])))
    #expect(try channel.sentText().contains(#""uid":"expect","allowed":true"#))
  }

  @Test func `a body that announces too much is refused before it comes, and the connection closes`() throws {
    let channel = try connect()
    let head =
      "POST /validate HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
    try channel.writeInbound(ByteBuffer(string: head))
    let text = try channel.sentText()
    #expect(text.hasPrefix("HTTP/1.1 413"))
    #expect(text.contains("Connection: close"))
    // What the client sends on is read and forgotten until the connection closes.
    for _ in 0..<100 { try channel.writeInbound(ByteBuffer(repeating: 0x20, count: 1 << 16)) }
    channel.embeddedEventLoop.advanceTime(by: .seconds(ServerLimits.lingerSeconds + 1))
    #expect(!channel.isActive)
  }

  @Test func `a chunked body that grows too large is refused while it comes`() throws {
    let channel = try connect()
    let head =
      "POST /validate HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    try channel.writeInbound(ByteBuffer(string: head))
    let size = 1 << 20
    let chunk = ByteBuffer(string: "\(String(size, radix: 16))\r\n" + String(repeating: " ", count: size) + "\r\n")
    var text = ""
    for _ in 0..<9 where text.isEmpty {
      try channel.writeInbound(chunk)
      text += try channel.sentText()
    }
    #expect(text.hasPrefix("HTTP/1.1 413"))
  }

  @Test(arguments: [
    ("GET /validate HTTP/1.1\r\nHost: h\r\n\r\n", 405),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 404),
    ("POST /validate HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 415), ("nonsense\r\n\r\n", 400),
    ("POST /validate HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400),
    ("POST /validate HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST /validate HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400),
  ])
  func `a bad request gets its status`(text: String, status: Int) throws {
    let channel = try connect()
    _ = try? channel.writeInbound(ByteBuffer(string: text))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 \(status)"))
  }

  @Test(arguments: [
    "POST /validate HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n",
    "CONNECT x:1 HTTP/1.1\r\nHost: h\r\n\r\n",
  ])
  func `a connection on which HTTP would end is closed, not kept and filled`(text: String) throws {
    let channel = try connect()
    _ = try? channel.writeInbound(ByteBuffer(string: text))
    channel.embeddedEventLoop.run()
    #expect(try channel.sentText().contains("Connection: close"))
    #expect(!channel.isActive)
  }

  @Test func `the answer to HEAD has no body`() throws {
    let channel = try connect()
    try channel.writeInbound(ByteBuffer(string: "HEAD /validate HTTP/1.1\r\nHost: h\r\n\r\n"))
    let text = try channel.sentText()
    #expect(text.hasPrefix("HTTP/1.1 405"))
    #expect(text.hasSuffix("\r\n\r\n"))
  }

  @Test func `a client that waits for leave to send to a wrong path is refused at once`() throws {
    let channel = try connect()
    let head = "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n"
    try channel.writeInbound(ByteBuffer(string: head))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 404"))
  }

  @Test func `headers without end are refused`() throws {
    let channel = try connect()
    let text = "POST /validate HTTP/1.1\r\nA: \(String(repeating: "a", count: 200_000))\r\n\r\n"
    _ = try? channel.writeInbound(ByteBuffer(string: text))
    #expect(try channel.sentText().hasPrefix("HTTP/1.1 400"))
  }

  @Test func `a client that asks for it gets the connection closed after its answer`() throws {
    let channel = try connect()
    try channel.writeInbound(ByteBuffer(string: request(review(uid: "last"), headers: "Connection: close\r\n")))
    let text = try channel.sentText()
    #expect(text.contains("Connection: close"))
    #expect(text.contains(#""uid":"last""#))
    channel.embeddedEventLoop.run()
    #expect(!channel.isActive)
  }
}

@Suite struct ListenAddressTests {
  @Test(arguments: [("127.0.0.1:8443", "127.0.0.1", 8443), ("[::]:1", "::", 1), ("localhost:0", "localhost", 0)])
  func `an address is host and port`(text: String, host: String, port: Int) {
    #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
    #expect(ListenAddress(text)?.description == text)
  }

  @Test(arguments: ["", "8443", ":8443", "host", "host:", "host:65536", "host:-1", "::1:80", "host:80x"])
  func `anything else is none`(text: String) { #expect(ListenAddress(text) == nil) }
}

@Suite struct ReviewProcessorTests {
  private func process(_ text: String) -> Result<ReviewAnswer, Refusal> {
    let processor = ReviewProcessor(policy: PolicyInForce(Policy(mode: .deny)), now: { Timestamp(microseconds: 0) })
    var body = ByteBuffer(string: text)
    return processor.process(&body, mode: nil)
  }

  @Test func `a uid with any characters comes back as it was`() throws {
    var review = TestReview(#"{"spec":{}}"#)
    review.uid = #"a\"b\\c\n\u0000é"#
    let answer = try process(review.json).get()
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(answer.body.readableBytesView)) as? [String: Any]
    )
    #expect((object["response"] as? [String: Any])?["uid"] as? String == "a\"b\\c\n\u{0}é")
  }

  @Test func `an object nested deeper than Kubernetes can hold is a bad request, not a pass`() {
    let deep = String(repeating: #"{"a":"#, count: 20_000) + "1" + String(repeating: "}", count: 20_000)
    guard case .failure(let refusal) = process(TestReview(deep, kind: "K", apiVersion: "e.com/v1").json) else {
      Issue.record("a verdict was given")
      return
    }
    #expect(refusal.status == .badRequest)
  }

  @Test func `a review that cannot be decided is an error of ours`() {
    guard case .failure(let refusal) = process(TestReview(#"{"spec":{"hostNetwork":"true"}}"#).json) else {
      Issue.record("a verdict was given")
      return
    }
    #expect(refusal.status == .internalServerError)
    #expect(refusal.message.contains("/spec/hostNetwork"))
  }
}

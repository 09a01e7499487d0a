// The way to a collector through an HTTP proxy.

import Evaluation
import Foundation
import NIOPosix
import TLS
import TestSupport
import Testing

@testable import EventCollector

@Suite(.serialized) struct ProxyTests {
  private func post(_ collector: TestCollector, _ proxy: CollectorProxy) throws -> Int {
    let client = CollectorClient(
      try collector.endpoint,
      proxy: proxy,
      context: try collector.context,
      group: MultiThreadedEventLoopGroup.singleton
    )
    let headers = [
      ("Authorization", "Splunk \(TestCollector.token)"), ("Content-Type", "application/json"),
    ]
    let body = Array(#"{"event":"hello"}"#.utf8)
    return try client.post(client.endpoint.path(of: "event"), headers: headers, body: body).status
  }

  @Test(.timeLimit(.minutes(1)))
  func `what is sent goes through a tunnel, and the collector's certificate is verified in it`() throws {
    let collector = try TestCollector()
    let proxy = try TestProxy()
    #expect(try post(collector, proxy.way) == 200)
    #expect(try collector.received().count == 1)
    #expect(proxy.tunnels.map { $0["target"] as? String } == ["localhost:\(collector.port)"])
    // The same name, and another authority.
    let other = try TestCollector()
    let client = CollectorClient(
      try other.endpoint,
      proxy: try proxy.way,
      context: try collector.context,
      group: .singleton
    )
    #expect(throws: CollectorTransportError.self) {
      try client.post("/services/collector/event", headers: [], body: [])
    }
    #expect(try other.requests().isEmpty)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a proxy gets its credentials, and says when they are wrong`() throws {
    let collector = try TestCollector()
    let proxy = try TestProxy(["--credentials", "fence:pass:word"])
    var way = try proxy.way
    do throws(any Error) {
      _ = try post(collector, way)
      Issue.record("the tunnel was opened without credentials")
    } catch {
      #expect("\(error)".contains("407 Proxy Authentication Required"), "\(error)")
      #expect("\(error)".contains("--hec-proxy-auth-file"))
    }
    way.credentials = "fence:pass:word"
    #expect(try post(collector, way) == 200)
    #expect(proxy.tunnels.count == 2)
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["502 Bad Gateway", "301 Moved", "99 x"])
  func `a proxy that refuses is told of in its own words`(answer: String) throws {
    let collector = try TestCollector()
    let proxy = try TestProxy(["--answer", answer])
    do throws(any Error) {
      _ = try post(collector, proxy.way)
      Issue.record("the tunnel was opened")
    } catch {
      #expect("\(error)".contains("the proxy refused: HTTP/1.1 \(answer)"), "\(error)")
    }
    #expect(try collector.requests().isEmpty)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a proxy that says nothing is not waited for without end`() throws {
    let collector = try TestCollector()
    let proxy = try TestProxy(["--silent", "--lifetime", "40"])
    do throws(any Error) {
      _ = try post(collector, proxy.way)
      Issue.record("the tunnel was opened")
    } catch {
      #expect("\(error)".contains("the proxy did not answer within 10 s"), "\(error)")
    }
  }

  @Test func `a proxy that is not there is told of`() throws {
    let collector = try TestCollector()
    let way = try #require(CollectorProxy("http://127.0.0.1:1"))
    #expect(throws: CollectorTransportError.self) { try post(collector, way) }
  }

  @Test(arguments: [
    ("http://proxy.example.com:3128", "proxy.example.com:3128"),
    ("http://proxy.example.com/", "proxy.example.com:3128"),
    ("http://[2001:db8::1]:80", "[2001:db8::1]:80"),
  ])
  func `an address is read as people write it`(text: String, description: String) throws {
    #expect(try #require(CollectorProxy(text)).address.description == description)
  }

  @Test(arguments: ["", "proxy:3128", "https://proxy:3128", "http://user:secret@proxy:3128", "http://proxy:3128/path"])
  func `anything else is none`(text: String) { #expect(CollectorProxy(text) == nil) }
}

// What each answer asks for, how long is waited, and where a collector is.

import Testing

@testable import EventCollector

@Suite struct CollectorReplyTests {
  private func action(_ status: Int, _ body: String, count: Int = 3, retryAfter: Int? = nil) -> CollectorAction {
    CollectorReply(status: status, body: Array(body.utf8), retryAfter: retryAfter).action(for: count)
  }

  @Test(arguments: [
    (0, 200), (1, 403), (2, 401), (3, 401), (4, 403), (5, 400), (6, 400), (7, 400), (8, 500), (9, 503), (10, 400),
    (11, 400), (12, 400), (13, 400), (14, 400), (15, 400), (16, 400), (17, 200), (18, 503), (19, 503), (20, 503),
    (21, 400), (22, 400), (23, 503), (24, 200), (25, 200), (26, 429), (27, 429), (28, 400),
  ])
  func `every code has its answer`(code: Int, status: Int) {
    let answer = action(status, #"{"text":"why","code":\#(code),"invalid-event-number":1,"ackId":7}"#, retryAfter: 9)
    switch code {
    case 0: #expect(answer == .accepted(ackID: 7, slowDown: false))
    case 24, 25: #expect(answer == .accepted(ackID: 7, slowDown: true))
    case 5, 8, 9, 18, 19, 20, 23, 26, 27: #expect(answer == .retry("why", afterSeconds: 9))
    case 6, 12, 13: #expect(answer == .drop(event: 1, "why"))
    case 15: #expect(answer == .dropFields(event: 1, "why"))
    default: #expect(answer == .stop("why (code \(code))"))
    }
  }

  @Test func `a refusal without a place is split until one event is left`() {
    let body = #"{"text":"Invalid data format","code":6}"#
    #expect(action(400, body) == .split)
    #expect(action(400, body, count: 1) == .drop(event: 0, "Invalid data format"))
    #expect(action(400, #"{"text":"x","code":6,"invalid-event-number":3}"#) == .split)
  }

  @Test func `what a proxy answers is told by its status`() {
    #expect(action(502, "<html>") == .retry("HTTP 502", afterSeconds: nil))
    #expect(action(429, "", retryAfter: 5) == .retry("HTTP 429", afterSeconds: 5))
    #expect(action(413, "<html>") == .split)
    #expect(action(200, "<html>") == .retry("the answer is not a collector's", afterSeconds: nil))
    #expect(action(404, "<html>") == .stop("HTTP 404: is this the address of a collector?"))
    #expect(action(415, "<html>") == .stop("HTTP 415: is this the address of a collector?"))
    #expect(action(501, #"{"code":12,"message":"no"}"#) == .retry("HTTP 501", afterSeconds: nil))
    #expect(action(500, #"{"code":13}"#) == .retry("HTTP 500", afterSeconds: nil))
    #expect(action(503, #"{"code":0}"#) == .retry("HTTP 503", afterSeconds: nil))
    #expect(action(404, #"{"code":5}"#) == .stop("HTTP 404: is this the address of a collector?"))
    #expect(action(302, "") == .stop("HTTP 302: is this the address of a collector?"))
    #expect(action(200, #"{"text":"?","code":99}"#) == .retry("the answer is not a collector's", afterSeconds: nil))
  }

  @Test func `waits double up to a minute, are never the same, and no shorter than asked for`() {
    var backoff = CollectorBackoff()
    #expect(
      (0..<10).map { _ in backoff.next(random: 0) } == [
        250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
      ]
    )
    backoff.succeed()
    #expect(backoff.next(random: 0.999) < 500)
    #expect(backoff.next(afterSeconds: 5, random: 0) == 5_000)
    #expect(backoff.next(afterSeconds: 5, random: 0.5) == 5_250)
    #expect(backoff.next(afterSeconds: .min, random: 0) == 2_000)
    #expect(backoff.next(afterSeconds: 1_000_000, random: 0) == 300_000)
    for _ in 0..<100 { _ = backoff.next() }
    #expect(backoff.next() <= 60_000)
  }

  @Test(arguments: [
    ("https://splunk.example.com:8088", "https://splunk.example.com:8088", "/services/collector/event"),
    ("https://splunk.example.com", "https://splunk.example.com:8088", "/services/collector/event"),
    (
      "https://http-inputs-acme.splunkcloud.com:443/", "https://http-inputs-acme.splunkcloud.com:443",
      "/services/collector/event"
    ),
    ("https://h:1/services/collector/event/1.0", "https://h:1", "/services/collector/event"),
    ("https://h:1/splunk/services/collector", "https://h:1/splunk", "/splunk/services/collector/event"),
    ("https://[2001:db8::1]:8088", "https://[2001:db8::1]:8088", "/services/collector/event"),
    ("http://127.0.0.1:8088", "http://127.0.0.1:8088", "/services/collector/event"),
  ])
  func `an address is read as people write it`(text: String, description: String, path: String) throws {
    let endpoint = try #require(CollectorEndpoint(text))
    #expect(endpoint.description == description)
    #expect(endpoint.path(of: "event") == path)
  }

  @Test(arguments: [
    "", "splunk.example.com:8088", "ftp://h", "https://", "https://h:0", "https://h:65536", "https://h:x",
    "https://user:secret@h:1", "https://h/a b", "https://h\r\nX: y", "http://splunk.example.com:8088",
    "https://h:1/?token=x",
    "https://[::1", "https://h h",
  ])
  func `anything else is none, and no token goes out in the clear`(text: String) {
    #expect(CollectorEndpoint(text) == nil)
  }
}

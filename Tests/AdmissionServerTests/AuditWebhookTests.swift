// The audit webhook over TLS: nothing is acknowledged before it is durable, and no flood holds up a review.

import NIOHTTP1
import TestSupport
import Testing

@testable import AdmissionServer

// A request that is never answered must end the test, not the patience.
@Suite(.timeLimit(.minutes(1))) struct AuditWebhookTests {
  private func server(
    limitBytes: Int = ServerLimits.auditQueueBytesMax,
    ledger: StubLedger = StubLedger(),
    gate: Gate? = nil
  ) async throws -> TestServer {
    try await TestServer(limitBytes: limitBytes, ledger: ledger, judge: { RememberingJudge(gate: gate) })
  }

  @Test func `without the setting there is no audit webhook`() async throws {
    let server = try await TestServer(judge: nil)
    let answer = try await server.connect().send(AuditBody.list("1"), to: "/audit")
    #expect(answer.code == 404)
    let metrics = try await server.connectToAdmin().send("", to: "/metrics", method: .GET).body
    #expect(metrics.contains(#"hostfence_responses_total{code="404"} 1"#))
    #expect(!metrics.contains("hostfence_audit"))
    try await server.stop()
  }

  @Test(arguments: [
    (AuditBody.list("1", "2"), ["1", "2"]), (AuditBody.event("1"), ["1"]),
    ("[\(AuditBody.event("1")),\(AuditBody.event("2", hostNetwork: false))]", ["1"]), (AuditBody.list(), []),
  ])
  func `a batch that was acknowledged is in the ledger`(body: String, ids: [String]) async throws {
    let ledger = StubLedger()
    let server = try await server(ledger: ledger)
    let answer = try await server.connect().send(body, to: "/audit?timeout=30s")
    #expect(answer.code == 200)
    #expect(ledger.ids == ids)
    try await server.stop()
  }

  @Test func `a batch is not acknowledged while the ledger is writing`() async throws {
    let gate = Gate()
    let ledger = StubLedger(gate: gate)
    let server = try await server(ledger: ledger)
    let client = try await server.connect()
    try await client.begin("/audit", length: nil)
    try await client.part(AuditBody.list("1"))
    try await client.end()
    await gate.arrival()
    // The same event loop answers something else meanwhile; what it had for us would have come.
    #expect(try await server.connect().send("", to: "/other").code == 404)
    #expect(!client.hasAnswer)
    gate.open()
    #expect(try await client.answer().code == 200)
    #expect(ledger.ids == ["1"])
    try await server.stop()
  }

  @Test func `a full queue is answered with 503 and a time to come back, and later with success`() async throws {
    let gate = Gate()
    let ledger = StubLedger()
    let body = AuditBody.list("1")
    let server = try await server(limitBytes: body.utf8.count * 3 / 2, ledger: ledger, gate: gate)
    let first = try await server.connect()
    try await first.begin("/audit", length: body.utf8.count)
    try await first.part(body)
    try await first.end()
    await gate.arrival()
    let second = try await server.connect()
    let refused = try await second.send(AuditBody.list("2"), to: "/audit")
    #expect(refused.code == 503)
    #expect(refused.headers["Retry-After"] == "1")
    #expect(refused.body.contains("ServiceUnavailable"))
    // Without a length the room runs out while the body comes.
    try await second.begin("/audit", length: nil)
    try await second.part(AuditBody.list("3"))
    try await second.end()
    #expect(try await second.answer().code == 503)
    let waiting = try await second.send(
      AuditBody.list("3"),
      to: "/audit",
      headers: [("Content-Type", "application/json"), ("Connection", "close")]
    )
    #expect(waiting.code == 503)
    gate.open()
    #expect(try await first.answer().code == 200)
    #expect(try await first.send(AuditBody.list("2"), to: "/audit").code == 200)
    #expect(ledger.ids == ["1", "2"])
    try await server.stop()
  }

  @Test func `reviews are answered while the audit queue is full`() async throws {
    let gate = Gate()
    let body = AuditBody.list("1")
    let server = try await server(limitBytes: body.utf8.count, gate: gate)
    var floods: [TestClient] = []
    for _ in 0..<20 {
      let client = try await server.connect()
      try await client.begin("/audit", length: body.utf8.count)
      try await client.part(body)
      try await client.end()
      floods.append(client)
    }
    await gate.arrival()
    let review = TestReview(#"{"spec":{"hostNetwork":true,"containers":[{"name":"c"}]}}"#)
    let client = try await server.connect()
    for _ in 0..<10 {
      let answer = try await client.send(review.json, to: "/validate/deny")
      #expect(answer.code == 200)
      #expect(answer.body.contains(#""allowed":false"#))
    }
    #expect(server.audit?.backlog.batches == 1)
    gate.open()
    var codes: [Int] = []
    for client in floods { codes.append(try await client.answer().code) }
    #expect(codes.filter { $0 == 200 }.count == 1)
    #expect(codes.filter { $0 == 503 }.count == 19)
    #expect(server.audit?.backlog.bytes == 0)
    try await server.stop()
  }

  @Test func `what the ledger does not take is answered with 503, kept, and acknowledged later`() async throws {
    let ledger = StubLedger()
    let server = try await server(ledger: ledger)
    let client = try await server.connect()
    ledger.fail(with: StubLedger.diskFull)
    for _ in 0..<3 {
      let answer = try await client.send(AuditBody.list("1", "2"), to: "/audit")
      #expect(answer.code == 503)
      #expect(answer.headers["Retry-After"] == "1")
      #expect(answer.body.contains("free some space"))
    }
    #expect(ledger.ids == [])
    ledger.fail(with: nil)
    // The judge has seen these events: that they are recorded all the same is the queue's doing.
    #expect(try await client.send(AuditBody.list("1", "2"), to: "/audit").code == 200)
    #expect(ledger.ids == ["1", "2"])
    #expect(server.emergencyText.isEmpty)
    try await server.stop()
  }

  @Test func `an event that no ledger can hold does not stand in the way of the others`() async throws {
    let ledger = StubLedger()
    let server = try await server(ledger: ledger)
    let answer = try await server.connect().send(AuditBody.list("1", "bad", "2"), to: "/audit")
    #expect(answer.code == 200)
    #expect(ledger.ids == ["1", "2"])
    #expect(server.emergencyText.contains(#""id":"bad""#))
    #expect(server.emergencyText.split(separator: "\n").count == 1)
    try await server.stop()
  }

  @Test func `a batch with many risk events is written in parts, so that reviews come in between`() async throws {
    let ledger = StubLedger()
    let server = try await server(ledger: ledger)
    let ids = (0..<1_500).map { "\($0)" }
    #expect(try await server.connect().send(AuditBody.list(ids), to: "/audit").code == 200)
    #expect(ledger.ids == ids)
    #expect(ledger.largestAppend == ServerLimits.auditEventsPerSubmission)
    try await server.stop()
  }

  @Test(arguments: [
    ("{}", 400), ("", 400), ("{", 400), ("null", 400), (#"{"kind":"EventList","items":["#, 400),
  ])
  func `a body that is no batch is refused, and the connection goes on`(body: String, code: Int) async throws {
    let server = try await server()
    let client = try await server.connect()
    #expect(try await client.send(body, to: "/audit").code == code)
    #expect(try await client.send(AuditBody.list("1"), to: "/audit").code == 200)
    try await server.stop()
  }

  @Test func `a request that is none gets its status`() async throws {
    let server = try await server()
    let client = try await server.connect()
    let json = ("Content-Type", "application/json")
    let list = AuditBody.list("1")
    #expect(try await client.send(list, to: "/audit", headers: [("Content-Type", "text/plain")]).code == 415)
    #expect(try await client.send(list, to: "/audit", headers: [json, ("Content-Encoding", "gzip")]).code == 415)
    #expect(try await client.send("", to: "/audit", method: .GET).code == 405)
    #expect(try await client.send(list, to: "/audit/").code == 404)
    try await client.begin("/audit", length: ServerLimits.auditBodyBytesMax + 1)
    #expect(try await client.answer().code == 413)
    try await server.stop()
  }

  @Test func `a batch may be larger than a review, up to its limit`() async throws {
    let server = try await server()
    let client = try await server.connect()
    let list = AuditBody.list("1")
    let padding = String(repeating: " ", count: ServerLimits.auditBodyBytesMax - list.utf8.count)
    #expect(try await client.send(list + padding, to: "/audit").code == 200)
    try await client.begin("/audit", length: nil)
    try await client.part(list + padding)
    try await client.part(" ")
    #expect(try await client.answer().code == 413)
    #expect(server.audit?.backlog.bytes == 0)
    try await server.stop()
  }

  @Test func `shutdown lets batches that wait be judged and acknowledged`() async throws {
    let gate = Gate()
    let ledger = StubLedger()
    let server = try await server(ledger: ledger, gate: gate)
    var clients: [TestClient] = []
    for index in 0..<5 {
      let client = try await server.connect()
      try await client.begin("/audit", length: nil)
      try await client.part(AuditBody.list("\(index)"))
      try await client.end()
      clients.append(client)
      if index == 0 { await gate.arrival() }
    }
    while server.audit?.backlog.batches != 5 { await Task.yield() }
    await server.shutDown()
    gate.open()
    for client in clients { #expect(try await client.answer().code == 200) }
    try await server.stop()
    #expect(Set(ledger.ids) == ["0", "1", "2", "3", "4"])
  }

  @Test func `what the ledger does not even take at the end goes where it is not lost in silence`() async throws {
    let ledger = StubLedger()
    let server = try await server(ledger: ledger)
    ledger.fail(with: StubLedger.diskFull)
    #expect(try await server.connect().send(AuditBody.list("1"), to: "/audit").code == 503)
    try await server.stop()
    #expect(server.emergencyText.contains(#""id":"1""#))
  }
}

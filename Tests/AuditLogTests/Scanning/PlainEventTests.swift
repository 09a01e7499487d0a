// The reader of a line's beginning may give up, but it may not be wrong.

import JSONDocument
import TestSupport
import Testing

@testable import AuditLog
@testable import Evaluation

@Suite struct PlainEventTests {
  /// What a plain reading claims, in words; nil where it gave up.
  private func claim(_ line: String) -> String? {
    var line = line
    return line.withUTF8 { bytes in
      switch PlainEvent.read(UnsafeRawBufferPointer(bytes)) {
      case .unfamiliar: return nil
      case .idle, .unfinished: return "idle"
      case .write(let event):
        func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
        return [
          "\(event.verb)", text(event.resource), text(event.group), text(event.namespace), text(event.name),
          text(event.subresource), "false", "\(event.isAccepted)", "\(event.hasBody)",
        ].joined(separator: " ")
      }
    }
  }

  /// The same by a parser of JSON.
  private func truth(_ line: String) throws -> String {
    try JSONParser().withDocument(Array(line.utf8)) { value in
      let event = AuditEvent(value.value(at: value.index))
      let facts = EventFacts(event)
      let writes = ["create", "update", "patch", "delete"].contains(facts.verb)
      guard writes, event.stage != "RequestReceived", event.stage != "ResponseStarted" else { return "idle" }
      return [
        facts.verb, facts.resource, facts.group, facts.namespace, facts.name, facts.subresource, "\(event.isDryRun)",
        "\(facts.isAccepted)", "\(event.hasBody)",
      ].joined(separator: " ")
    }
  }

  @Test func `every recorded line that is read plainly is read rightly, and almost all are`() throws {
    var unfamiliar = 0
    for line in try RecordedAuditLog.lines() {
      if let claim = claim(line) { #expect(try claim == truth(line)) } else { unfamiliar += 1 }
    }
    #expect(unfamiliar < 20)
  }

  @Test(arguments: 0..<8)
  func `generated lines that are read plainly are read rightly`(seed: UInt64) throws {
    var log = try AuditLogGenerator(seed: seed)
    var plain = 0
    for line in log.lines(500) {
      guard let claim = claim(line) else { continue }
      plain += 1
      #expect(try claim == truth(line), "\(line)")
    }
    #expect(plain > 250)
  }

  @Test func `a line that was cut anywhere is left to the parser, unless it was cut where events end`() throws {
    var event = TestAuditEvent(#"{"metadata":{"a":"b"}}"#)
    event.verb = "get"
    let line = event.json
    for count in 0..<line.utf8.count {
      let cut = String(decoding: Array(line.utf8.prefix(count)), as: UTF8.self)
      let endsLikeAnEvent = cut.hasSuffix("\"}}") || cut.hasSuffix("Z\"}")
      #expect(claim(cut) == nil || endsLikeAnEvent, "\(cut)")
    }
    #expect(claim(line) == "idle")
  }

  @Test func `a name with an escape in it is left to the parser`() {
    var event = TestAuditEvent("{}")
    event.name = #"\u0077eb"#
    #expect(claim(event.json) == nil)
    event.name = "web"
    #expect(claim(event.json) != nil)
  }

  /// A create or delete whose `responseStatus` has these fields behind `metadata`.
  private func line(answered fields: String, verb: String = "create", sent: String?, stored: String?) -> String {
    var event = TestAuditEvent()
    event.verb = verb
    event.requestObject = sent
    event.responseObject = stored
    return event.json.replacing(#""metadata":{},"code":201}"#, with: #""metadata":{},\#(fields)}"#)
  }

  @Test(arguments: [
    #""code":201"#, #""status":"Failure","message":"a \"b\" is {[","reason":"NotFound","code":404"#,
    #""status":"Failure","message":"\\","reason":"Invalid","details":{"causes":[{"message":"]}\\\""}]},"code":422"#,
    #""status":"Failure","message":"x","code":500"#, #""status":"Success","details":{},"code":200"#,
    #""message":"\"},\"requestObject\":","code":201"#,
  ])
  func `what the server answered is read plainly and rightly, with a body and without`(fields: String) throws {
    let status = #"{"kind":"Status"}"#
    for (sent, stored) in [(nil, nil), ("{}", nil), ("[]", status), ("{}", "{}")] {
      for verb in ["create", "delete"] {
        let line = line(answered: fields, verb: verb, sent: sent, stored: stored)
        #expect(try claim(line) == truth(line), "\(line)")
      }
    }
    let rejected = line(answered: fields, sent: nil, stored: status)
    if fields.contains("Failure") { #expect(try claim(rejected) == truth(rejected)) }
  }

  @Test func `an answer that does not say its code is left to the parser, whatever says one behind it`() {
    let failure = #""status":"Failure","message":"x","details":{}"#
    #expect(claim(line(answered: failure, sent: #"{"a":{"b":1,"code":404}}"#, stored: nil)) == nil)
    #expect(claim(line(answered: #""status":"Failure","message":"x"#, sent: "{}", stored: nil)) == nil)
  }

  @Test func `the time is found at the end of a line`() {
    var event = TestAuditEvent("{}")
    event.time = "2026-11-23T16:43:03.042000Z"
    var line = event.json
    let time = line.withUTF8 { PlainEvent.time(in: UnsafeRawBufferPointer($0)) }
    #expect(time == Timestamp(rfc3339: "2026-11-23T16:43:03.042000Z"))
  }
}

// No record, however it is made, crashes the unwrapper or makes it work without end.

import AuditLog
import Foundation
import JSONDocument
import TestSupport
import Testing

@Suite struct UnwrapperHostilityTests {
  private static let limit = AuditLogLimits.wrappersMax

  /// The event inside that many JSON strings or fields.
  private func wrapped(times: Int, _ wrap: (String) throws -> String) rethrows -> String {
    var text = HostileLogs.event
    for _ in 0..<times { text = try wrap(text) }
    return text
  }

  static let shells: [@Sendable (String) throws -> String] = [
    { try LogJSON.text(["message": $0]) },
    { "{\"event\":\($0),\"index\":\"k8s\"}" },
    { "[\($0)]" },
    { try LogJSON.text($0) },
    { "{\"_source\":\($0)}" },
    { try LogJSON.text(["message": ["data": Data($0.utf8).base64EncodedString(), "messageId": "1"]]) },
  ]

  @Test(arguments: shells.indices)
  func `as many wrappers as are allowed are taken off, and not one more`(_ shell: Int) throws {
    let unwrapper = Unwrapper()
    var sink = UnwrappedSink()
    #expect(unwrapper.unwrap(try wrapped(times: Self.limit, Self.shells[shell]), into: &sink) == .events)
    #expect(sink.events.count == 1)
    #expect(unwrapper.unwrap(try wrapped(times: Self.limit + 1, Self.shells[shell]), into: &sink) == .events)
    #expect(sink.events.count == 1)
    #expect(sink.unreadable.count == 1)
    #expect(sink.unreadable == [.tooDeeplyWrapped(limit: Self.limit)])
  }

  @Test func `after a refusal the next record is read`() throws {
    let unwrapper = Unwrapper()
    var sink = UnwrappedSink()
    for _ in 0..<3 {
      _ = unwrapper.unwrap(try wrapped(times: 12) { try LogJSON.text(["log": $0]) }, into: &sink)
      _ = unwrapper.unwrap(HostileLogs.event, into: &sink)
    }
    #expect(sink.events.count == 3)
    #expect(sink.unreadable.count == 3)
  }

  @Test(arguments: [
    ("[", "]"), ("{\"event\":", "}"), ("{\"items\":[", "]}"), ("{\"_source\":", "}"), ("{\"data\":[", "]}"),
    ("{\"body\":{\"kvlistValue\":{\"values\":[{\"key\":\"a\",\"value\":", "}]}}}"),
  ])
  func `documents of many thousand levels are read without recursion`(_ open: String, _ close: String) {
    let times = JSONLimits.nestingLevelsMax / (open.count { $0 == "{" || $0 == "[" }) - 2
    let text = String(repeating: open, count: times) + "1" + String(repeating: close, count: times)
    var sink = UnwrappedSink()
    #expect(Unwrapper().unwrap(text, into: &sink) == .other)
  }

  @Test(arguments: [
    ("{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{\"a\":", "}]}"),
    (
      "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"kvlistValue\":{\"values\":[{\"key\":\"a\",\"value\":",
      "}]}}}]}]}]}"
    ),
    ("{\"AuditId\":\"a\",\"Verb\":\"b\",\"Stage\":\"c\",\"RequestObject\":{\"a\":", "}}"),
    ("{\"message.verb\":\"a\",\"message.x\":", "}"),
    ("{\"auditID\":\"a\",\"verb\":\"b\",\"stage\":\"c\",\"requestObject\":", "}"),
  ])
  func `deep values inside are written again without recursion`(_ open: String, _ close: String) {
    let deep = String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)
    var sink = CountingSink()
    Array((open + deep + close).utf8).withUnsafeBytes {
      _ = Unwrapper().unwrap($0, padded: false, into: &sink)
    }
    #expect(sink.unreadable == 0)
  }

  @Test func `compressed data may expand to the size of a record and no further`() throws {
    // 20 MiB of spaces, in 20 KiB.
    let bomb = try Fixtures.bytes("audit-log/bomb.gz")
    let record = try LogJSON.text(["awslogs": ["data": Data(bomb).base64EncodedString()]])
    var sink = UnwrappedSink()
    #expect(Unwrapper().unwrap(record, into: &sink) == .events)
    #expect(sink.unreadable == [.tooLong(limitBytes: AuditLogLimits.recordBytesMax)])
  }

  @Test(arguments: ["!", "A", "AAAAA", "e30", "H4sIAAAA", "H4sIAAAAAAAA/w==", "é", "====", "A===", "\u{0}"])
  func `damaged base64 and gzip are reported or are no event`(_ data: String) throws {
    var sink = UnwrappedSink()
    _ = Unwrapper().unwrap(try LogJSON.text(["awslogs": ["data": data]]), into: &sink)
    #expect(sink.events.isEmpty)
    let isBase64 = ["e30", "===="].contains(data)
    #expect(sink.unreadable.count == (isBase64 ? 0 : 1))
  }

  @Test func `a large body that Azure left out is marked as such`() throws {
    let row: [String: Any] = [
      "AuditId": "a", "Verb": "create", "Stage": "ResponseComplete", "Level": "RequestResponse",
      "ObjectRef": "{\"resource\":\"pods\"}", "RequestObject": "skipped-too-big-size-object",
      "ResponseObject": "{\"kind\":\"Pod\",\"spec\":{\"conta", "Annotations": "{\"a/b\":\"c\"}",
    ]
    var sink = UnwrappedSink()
    #expect(Unwrapper().unwrap(try LogJSON.text(row), into: &sink) == .events)
    let event = try #require(sink.events.first)
    #expect(event["requestObject"] == nil && event["responseObject"] == nil)
    let annotations = event["annotations"] as? [String: String]
    #expect(
      annotations == [UnwrappedAnnotations.oversized.description: UnwrappedAnnotations.oversizedValue, "a/b": "c"]
    )
  }

  @Test func `a value of the wrong type under any name does no harm`() throws {
    let unwrapper = Unwrapper()
    var sink = CountingSink()
    for name in HostileLogs.names {
      for value in ["null", "true", "1", "1.5", "\"\"", "\"{\"", "[]", "{}", "[null]", "[[]]", "[{}]", "{\"data\":1}"] {
        for others in ["", "\"verb\":\"a\",\"stage\":\"b\",\"auditID\":\"c\","] {
          Array("{\(others)\"\(name)\":\(value)}".utf8).withUnsafeBytes {
            _ = unwrapper.unwrap($0, padded: false, into: &sink)
          }
        }
      }
    }
    #expect(sink.events > 0)
  }

  @Test(arguments: 0..<40)
  func `no random record does harm`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let unwrapper = Unwrapper()
    var sink = CountingSink()
    for _ in 0..<200 {
      var bytes = Array(HostileLogs.random(depth: 6, using: &generator).text.utf8)
      if Bool.random(using: &generator) { bytes = bytes.dropLast(Int.random(in: 0...20, using: &generator)) }
      bytes.withUnsafeBytes { _ = unwrapper.unwrap($0, padded: false, into: &sink) }
      // However it went, the next record is read as if nothing had been.
      let before = sink.events
      Array(HostileLogs.event.utf8).withUnsafeBytes { _ = unwrapper.unwrap($0, padded: false, into: &sink) }
      #expect(sink.events == before + 1)
    }
  }

  @Test func `what a batch says once is not multiplied by the number of its records`() {
    let long = String(repeating: "a", count: 1 << 20)
    let items = "[" + Array(repeating: "{\"auditID\":\"a\"}", count: 2_000).joined(separator: ",") + "]"
    let rows = "[" + Array(repeating: "[\"{}\"]", count: 2_000).joined(separator: ",") + "]"
    var sink = UnwrappedSink()
    let list = "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/\(long)\",\"items\":\(items)}"
    #expect(Unwrapper().unwrap(list, into: &sink) == .events)
    #expect(sink.events.count == 2_000)
    #expect(sink.events.allSatisfy { $0["apiVersion"] as? String == "audit.k8s.io/v1" })
    let table = "{\"tables\":[{\"columns\":[{\"name\":\"\(long)\"}],\"rows\":\(rows)}]}"
    #expect(Unwrapper().unwrap(table, into: &sink) == .other)
  }

  @Test func `every number comes out as it went in`() throws {
    let numbers = "[0,-1,9223372036854775807,18446744073709551615,-9223372036854775808,1.5,1e300,5e-324,0.1,-0.0,1e21]"
    let text = HostileLogs.event.replacing("[0]", with: numbers).replacing("\"kind\":\"Event\",", with: "")
      .replacing("\"apiVersion\":\"audit.k8s.io/v1\",", with: "")
    var sink = TextSink()
    Array(text.utf8).withUnsafeBytes { _ = Unwrapper().unwrap($0, padded: false, into: &sink) }
    #expect(
      sink.numbers == [
        "0", "-1", "9223372036854775807", "18446744073709551615", "-9223372036854775808", "1.5", "1e+300", "5e-324",
        "0.1", "-0.0", "1e+21",
      ]
    )
  }
}

/// Counts what is handed on, and reads all of it.
private struct CountingSink: EventSink {
  var line = 0
  var events = 0
  var unreadable = 0

  mutating func receive(event: borrowing JSONValue) {
    // A digest visits every value, without recursion.
    _ = JSONContentDigest(event)
    events += 1
  }
  mutating func receive(cutEvent head: UnsafeRawBufferPointer) {}
  mutating func receiveOther() {}
  mutating func receive(unreadable reason: UnreadableReason) { unreadable += 1 }
}

/// Keeps the numbers of an event.
private struct TextSink: EventSink {
  var line = 0
  var numbers: [String] = []

  mutating func receive(event: borrowing JSONValue) {
    guard let list = event.member("n") else { return }
    var elements = list.elements
    while let element = elements.next() { numbers.append(element.numberText ?? "") }
  }
  mutating func receive(cutEvent head: UnsafeRawBufferPointer) {}
  mutating func receiveOther() {}
  mutating func receive(unreadable reason: UnreadableReason) {}
}

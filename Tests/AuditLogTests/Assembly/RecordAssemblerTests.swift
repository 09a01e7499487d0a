// Records that do not stand whole on one line, as a replay reads them.

import Evaluation
import Foundation
import TestSupport
import Testing

@testable import AuditLog

@Suite struct RecordAssemblerTests {
  private static let pod =
    #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","labels":{"a":"{}[],\"x"}},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i"},{}]}}"#

  private func events(_ count: Int) -> [String] {
    (0..<count).map { number in
      var event = TestAuditEvent(Self.pod)
      event.auditID = "event-\(number)"
      return event.json
    }
  }

  private func replay(_ text: String) -> ReplayResult { ReplayResult.of(Array(text.utf8)) }

  private func ids(_ result: ReplayResult) -> [String] { result.findings.map(\.subject.uid) }

  private let all = ["event-0", "event-1", "event-2"]

  private func pretty(_ json: String) throws -> String {
    let value = try JSONSerialization.jsonObject(with: Data(json.utf8))
    return String(decoding: try JSONSerialization.data(withJSONObject: value, options: [.prettyPrinted]), as: UTF8.self)
  }

  // MARK: - Shapes

  @Test func `events printed over several lines are put together, with the line on which they begin`() throws {
    let text = try events(3).map { try pretty($0) + "\n" }
    let result = replay(text.joined())
    #expect(ids(result) == all)
    let lines = text[0].utf8.count { $0 == UInt8(ascii: "\n") }
    #expect(result.findings.map(\.line) == [1, 1 + lines, 1 + lines * 2])
    #expect(result.summary.unreadableCount == 0)
  }

  @Test func `arrays are taken apart however they are laid out`() throws {
    let events = events(3)
    let list = "[" + events.joined(separator: ",") + "]"
    for text in [
      list, try pretty(list), "[\n" + events.joined(separator: ",\n") + "\n]\n",
      "[\n" + events.joined(separator: "\n,\n") + "]",
      "[ \n\n" + events.map { "  \($0)" }.joined(separator: " ,\n") + "\n ]",
    ] {
      let result = replay(text)
      #expect(ids(result) == all, "\(text.prefix(80))")
      #expect(result.summary.unreadableCount == 0, "\(result.summary.unreadable)")
    }
  }

  @Test func `records run together on one line are told apart`() {
    let events = events(3)
    for text in [
      events.joined(), events.joined(separator: " "), events[0] + "\n" + events[1] + events[2],
      events.joined() + "\n\n",
    ] {
      #expect(ids(replay(text)) == all)
      #expect(replay(text).summary.unreadableCount == 0)
    }
  }

  @Test func `an event list with an item on each line is read item by item`() {
    let events = events(3)
    let head = #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":["#
    #expect(ids(replay(head + "\n" + events.joined(separator: ",\n") + "\n]}\n")) == all)
    #expect(ids(replay(head + events.joined(separator: ",") + "]}")) == all)
  }

  @Test func `byte order mark, CRLF, NUL padding and blank lines are no damage`() {
    let events = events(3)
    let text =
      "\u{FEFF}" + events[0] + "\r\n\r\n  \r\n" + "\u{0}\u{0}\u{0}" + events[1] + "\r\n\u{0}\u{0}\n" + events[2]
    let result = replay(text)
    #expect(ids(result) == all)
    #expect(result.summary.unreadableCount == 0, "\(result.summary.unreadable)")
    #expect(result.findings.map(\.line) == [1, 4, 6])
  }

  @Test func `UTF-16 is refused once`() throws {
    let text = try #require(events(3).joined(separator: "\n").data(using: .utf16))
    let result = ReplayResult.of([UInt8](text))
    #expect(result.summary.unreadable.map(\.message).count == 1)
    #expect(result.summary.unreadable.first?.message.contains("UTF-16") == true)
  }

  @Test func `Splunk's CSV export is read, quotes and line feeds included`() throws {
    let events = try [events(1)[0], pretty(events(2)[1])]
    let rows = events.map { "2026-11-23,\"" + $0.replacing("\"", with: "\"\"") + "\",host" }
    #expect(ids(replay("_time,_raw,host\n" + rows.joined(separator: "\n") + "\n")) == ["event-0", "event-1"])
    let flattened = replay("auditID,objectRef.resource\na,pods\nb,pods\n")
    #expect(flattened.summary.unreadable.map(\.line) == [1])
    #expect(flattened.summary.unreadable.first?.message.contains("_raw") == true)
  }

  @Test func `the legacy format is named`() {
    let result = replay("2026-11-23T16:43:03Z AUDIT: id=\"x\" stage=\"ResponseComplete\" verb=\"create\"\n")
    #expect(result.summary.unreadable.first?.message.contains("legacy") == true)
  }

  // MARK: - Split by container runtimes

  @Test(arguments: [1, 7, 100, 16_384])
  func `pieces of a container runtime are joined, stream by stream`(size: Int) {
    var lines: [String] = []
    for event in events(3) {
      var rest = Array(event.utf8)[...]
      while rest.count > size {
        lines.append("2026-11-23T16:43:03.042Z stdout P " + String(decoding: rest.prefix(size), as: UTF8.self))
        lines.append("2026-11-23T16:43:03.042Z stderr F I1123 klog of another stream")
        rest = rest.dropFirst(size)
      }
      lines.append("2026-11-23T16:43:03.042Z stdout F " + String(decoding: rest, as: UTF8.self))
    }
    let result = replay(lines.joined(separator: "\n") + "\n")
    #expect(ids(result) == all)
    #expect(result.summary.unreadableCount == 0)
    #expect(result.findings.first?.line == 1)
  }

  @Test(arguments: [64, 1_000, 16_384])
  func `pieces of docker's log are joined`(size: Int) throws {
    var lines: [String] = []
    for event in events(3) {
      var rest = Array((event + "\n").utf8)[...]
      while !rest.isEmpty {
        let piece = String(decoding: rest.prefix(size), as: UTF8.self)
        let record = ["log": piece, "stream": "stdout", "time": "2026-11-23T16:43:03.042Z"]
        lines.append(String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self))
        rest = rest.dropFirst(size)
      }
      lines.append(#"{"log":"I1123 klog\n","stream":"stdout","time":"t"}"#)
    }
    let result = replay(lines.joined(separator: "\n") + "\n")
    #expect(ids(result) == all)
    #expect(result.summary.unreadableCount == 0)
    #expect(result.summary.otherRecords == 3)
  }

  // MARK: - Damage

  @Test func `garbage between events is named by its line and costs no event`() {
    let events = events(3)
    let text = "what is this\n" + events[0] + "\n}{\n" + events[1] + "\n{\"broken\": \n" + events[2] + "\n{]\n"
    let result = replay(text)
    #expect(ids(result) == all)
    #expect(result.summary.unreadable.first?.line == 1)
    #expect(result.summary.unreadableCount >= 2)
  }

  @Test func `an event torn anywhere costs itself only, whatever follows on its line or the next`() {
    let events = events(4)
    for cut in stride(from: 1, to: events[1].utf8.count - 1, by: 3) {
      let torn = String(decoding: Array(events[1].utf8).prefix(cut), as: UTF8.self)
      for separator in ["", "\n"] {
        let result = replay(events[0] + "\n" + torn + separator + events[2] + "\n" + events[3] + "\n")
        #expect(ids(result) == ["event-0", "event-2", "event-3"], "cut at \(cut)")
        #expect(result.summary.unreadableCount == 1, "cut at \(cut): \(result.summary.unreadable)")
      }
    }
  }

  @Test func `a log cut at any byte loses its last event only, and is forgiven`() throws {
    let bare = events(3).joined(separator: "\n")
    let printed = try events(3).map { try pretty($0) }.joined(separator: "\n")
    for text in [bare, printed, "[" + events(3).joined(separator: ",") + "]"] {
      let bytes = Array(text.utf8)
      var previous = 0
      for count in 0...bytes.count {
        let result = ReplayResult.of(Array(bytes.prefix(count)))
        let found = ids(result)
        #expect(found == Array(all.prefix(found.count)))
        #expect(found.count >= previous)
        #expect(result.summary.unreadableCount == 0, "\(count): \(result.summary.unreadable)")
        previous = found.count
      }
      #expect(previous == 3)
    }
  }

  @Test func `an array larger than any record is read element by element`() {
    let settings = ReplaySettings(policy: Policy(mode: .deny), recordBytesMax: 4 << 10)
    let head = #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["#
    let count = 40
    let list = events(count).joined(separator: ",")
    for text in ["[" + list + "]", head + list + "]}", #"{"a":1,"records":["# + list + "]}"] {
      let result = ReplayResult.of(Array(text.utf8), settings)
      #expect(result.findings.count == count, "\(text.prefix(60))")
      #expect(result.summary.unreadableCount == 0, "\(result.summary.unreadable)")
    }
  }

  @Test func `a record beyond the limit is named and skipped`() {
    let settings = ReplaySettings(policy: Policy(mode: .deny), recordBytesMax: 4 << 10)
    let events = events(2)
    let huge = #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","x":""# + String(repeating: "y", count: 9 << 10) + "\"}"
    let result = ReplayResult.of(Array((events[0] + "\n" + huge + "\n" + events[1] + "\n").utf8), settings)
    #expect(ids(result) == ["event-0", "event-1"])
    #expect(result.summary.unreadable.map(\.line) == [2])
    #expect(result.summary.unreadable.first?.message.contains("longer than") == true)
  }

  @Test(arguments: 0..<30)
  func `random damage never costs an undamaged line before or after it, and never crashes`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let pieces = [
      "{", "}", "[", "]", "\"", "\\", ",", "\n", "{\"a\":", "\u{0}", "P", "{\"log\":\"x\"", "stdout F ", "é",
      "_raw,a\n",
    ]
    for _ in 0..<20 {
      var garbage = ""
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        garbage += pieces.randomElement(using: &generator) ?? ""
      }
      let events = events(3)
      let result = replay(events[0] + "\n" + garbage + "\n" + events[1] + "\n" + events[2] + "\n")
      #expect(ids(result).first == "event-0", "\(garbage.debugDescription)")
      #expect(ids(result).suffix(2) == ["event-1", "event-2"], "\(garbage.debugDescription)")
    }
  }

  @Test func `many beginnings of events on one line are read in linear time`() {
    let beginning = #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"#
    let text = String(repeating: beginning, count: 40_000)
    let result = replay(text + "\n" + events(1)[0] + "\n")
    #expect(ids(result) == ["event-0"])
    #expect(result.summary.unreadableCount == 1)
  }
}

// Whole logs in every layout.

import Foundation
import TestSupport
import Testing

@testable import AuditLog

@Suite struct LogShapeTests {
  private let events = LogText.events(3)
  private let all = LogText.ids(0..<3)

  private func pretty(_ json: String) throws -> String {
    let value = try JSONSerialization.jsonObject(with: Data(json.utf8))
    return String(decoding: try JSONSerialization.data(withJSONObject: value, options: [.prettyPrinted]), as: UTF8.self)
  }

  private func expectAll(_ text: String, others: Int = 0, _ location: SourceLocation = #_sourceLocation) {
    for size in [Int.max, 1_000, 61, 7] {
      for isDirect in [true, false] {
        let log = AssembledLog(text, pieceBytes: size, isDirect: isDirect)
        let comment: Comment = "pieces of \(size) bytes, direct: \(isDirect): \(text.prefix(70))"
        #expect(log.events == all, comment, sourceLocation: location)
        #expect(log.damage == [] && log.damageAtEnd == [], comment, sourceLocation: location)
        #expect(log.others == others, comment, sourceLocation: location)
      }
    }
  }

  @Test func `arrays are read however they are laid out, with commas or without, in pieces or whole`() throws {
    let list = "[" + events.joined(separator: ",") + "]"
    let strings = events.map { TestJSON.string($0).text }
    let (first, second, third) = (events[0], events[1], events[2])
    var texts: [String] = [list, try pretty(list), "\n\n\(list)", "\(list)[]\n[]\n"]
    for separator in [",\n", "\n,\n", "\n,", " , \n\n"] {
      texts.append("[\n\(events.joined(separator: separator))\n]\n")
    }
    texts.append("[\r\n\(events.joined(separator: ",\r\n"))\r\n]\r\n")
    texts.append(events.joined(separator: ",\n"))
    texts.append("[\(first)]\n[\(second),\(third)]")
    texts.append("[[\(first)],[[\(second)],\(third)]]")
    texts.append("[\(strings.joined(separator: ","))]")
    for text in texts { expectAll(text) }
  }

  @Test func `values on one line or on many are told apart`() throws {
    for text in [
      events.joined(), events.joined(separator: " \t"), events[0] + "\n" + events[1] + events[2],
      try events.map { try pretty($0) }.joined(), try events.map { try pretty($0) }.joined(separator: "\r\n"),
      "\u{1E}" + events.joined(separator: "\n\u{1E}"), try pretty(events[0]) + events[1] + "\n" + events[2],
    ] { expectAll(text) }
    expectAll(#"{"other":1}"# + events.joined() + #"{"level":"info"}"#, others: 2)
  }

  @Test func `batches are read, also with an item on each line`() throws {
    let head = #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":["#
    for text in [
      head + events.joined(separator: ",") + "]}", head + "\n" + events.joined(separator: ",\n") + "\n]}\n",
      try pretty(head + events.joined(separator: ",") + "]}"),
      head + events[0] + "]}" + head + events[1] + "," + events[2] + "]}",
    ] { expectAll(text) }
  }

  @Test func `text beside records that is printed in a document is not damage`() throws {
    let values = TestJSON.array([.array([.string("1"), .string(events[0])])]).text
    let streams = try pretty(#"{"streams":[{"stream":{},"values":\#(values)}]}"#)
    let log = AssembledLog(streams + "\n" + events[1] + "\n")
    #expect(log.events == ["event-0", "event-1"])
    #expect(log.damage == [] && log.damageAtEnd == [])
  }

  @Test func `byte order marks, carriage returns, NULs and blank lines are no damage`() {
    expectAll("\u{FEFF}[" + events.joined(separator: ",\r\n\r\n") + "\u{0}\u{0}\r\n]\u{0}\u{0}\n\u{0}\u{0}\n \n")
    let log = AssembledLog("\u{FEFF}" + events[0] + "\r\n\r\n\u{0}\u{0}\u{0}" + events[1] + "\r\n\u{0}\n" + events[2])
    #expect(log.events == all)
    #expect(log.eventLines == [1, 3, 5])
    #expect(log.damage == [] && log.damageAtEnd == [])
  }

  @Test func `a record has the line on which it begins`() throws {
    let printed = try events.map { try pretty($0) }
    let lines = printed[0].split(separator: "\n", omittingEmptySubsequences: false).count
    #expect(AssembledLog(printed.joined(separator: "\n\n")).eventLines == [1, lines + 2, lines * 2 + 3])
    #expect(AssembledLog("[\n\n" + events.joined(separator: ",\n\n") + "\n]").eventLines == [3, 5, 7])
  }

  @Test(arguments: [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian])
  func `UTF-16 is refused once`(encoding: String.Encoding) throws {
    let log = AssembledLog([UInt8](try #require(events.joined(separator: "\n").data(using: encoding))))
    #expect(log.damage == [.init(line: 1, reason: .wrongEncoding)])
    #expect(log.damageAtEnd == [] && log.events == [])
  }

  @Test func `the legacy format is named on each line`() {
    let line = #"2026-11-23T16:43:03Z AUDIT: id="x" stage="ResponseComplete""#
    let log = AssembledLog("\(line)\n\(LogText.docker(line + "\n"))\n\(LogText.runtime(line, "F"))\n")
    #expect(log.damage == [1, 2, 3].map { .init(line: $0, reason: .legacyFormat) })
  }

  @Test func `text of other components is counted, other text is named`() {
    let log = AssembledLog(
      [
        "I1123 16:43:03.042000       1 trace.go:236] \"quoted\" {\"a\": 1", "2026-11-23T16:43:03Z text", events[0],
        "what is this", LogText.docker("text\n"), LogText.runtime("text", "F"), events[1],
      ].joined(separator: "\n") + "\n"
    )
    #expect(log.events == LogText.ids(0..<2))
    #expect(log.others == 4)
    #expect(log.damage.map(\.line) == [4])
  }
}

@Suite struct SplunkTableTests {
  private let events = LogText.events(3)

  private func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }

  @Test(arguments: ["\n", "\r\n"])
  func `rows are read wherever the column is`(lineEnd: String) {
    for (header, before, after) in [
      ("_raw", "", ""), ("\"_time\",\"_raw\",\"host\"", "\"a, \"\"b\"\"\",", ",h"), ("_time,_raw", "2026,", ""),
    ] {
      let rows = events.map { before + quoted($0) + after }
      // A header is looked for in whole lines.
      for size in [Int.max, 100] {
        let log = AssembledLog(([header] + rows).joined(separator: lineEnd) + lineEnd, pieceBytes: size)
        #expect(log.events == LogText.ids(0..<3), "\(header)")
        #expect(log.eventLines == [2, 3, 4])
        #expect(log.damage == [] && log.damageAtEnd == [])
      }
    }
  }

  @Test func `line feeds in quotes belong to the row, and other rows are counted`() {
    let broken = events[0].replacing(",\"", with: ",\n\"")
    let rows = ["_raw,host", "\(quoted(broken)),a", "plain text,b", "\(quoted(events[1])),c"]
    let cut = quoted(String(events[2].dropLast(9)))
    let log = AssembledLog((rows + [cut]).joined(separator: "\n"))
    #expect(log.events == LogText.ids(0..<2))
    #expect(log.others == 1)
    #expect(log.eventLines.first == 2)
    #expect(log.damage == [] && log.damageAtEnd == [.init(line: log.lineCount, reason: .cutOff)])
    #expect(AssembledLog("_raw\n\"{\"\"a").damageAtEnd == [.init(line: 2, reason: .cutOff)])
  }

  @Test func `an export without the column is refused once, and a row may be too long`() {
    let log = AssembledLog("auditID,verb,user.username\na,create,b\nc,create,d\n")
    #expect(log.damage.map(\.line) == [1])
    #expect(log.damage.first?.reason.description.contains("_raw") == true)
    let long = "_raw\n\"" + String(repeating: "x", count: 5_000) + "\"\n" + quoted(events[0]) + "\n"
    let limited = AssembledLog(long, recordBytesMax: 4_000)
    #expect(limited.damage == [.init(line: 2, reason: .tooLong(limitBytes: 4_000))])
    #expect(limited.events == ["event-0"])
  }
}

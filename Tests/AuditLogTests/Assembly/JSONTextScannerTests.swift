// How often a scanner looks at a byte, and where it says that a value ends.

import TestSupport
import Testing

@testable import AuditLog

@Suite struct JSONTextScannerTests {
  private func end(_ text: String, pieceBytes: Int) -> JSONTextScanner.Stop {
    let bytes = Array(text.utf8)
    var scanner = JSONTextScanner()
    var start = 0
    while start < bytes.count {
      let stop = scanner.advance(bytes.span, from: start, to: min(bytes.count, start + pieceBytes))
      guard stop == .endOfText else { return stop }
      start += pieceBytes
    }
    return .endOfText
  }

  @Test(arguments: 0..<100)
  func `a value ends at its last byte, in pieces of any size, and no sooner`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let value = TestJSON.array([TestJSON.random(depth: 6, using: &generator)]).text
    let count = value.utf8.count
    for size in [1, 2, 3, 17, Int.max / 2] {
      #expect(end(value + "{", pieceBytes: size) == .closed(end: count))
      for cut in 0..<min(count, 200) {
        #expect(end(String(decoding: Array(value.utf8)[..<cut], as: UTF8.self), pieceBytes: size) == .endOfText)
      }
    }
  }

  @Test(arguments: [
    ("{{", 1), ("{[", 1), ("{]", 1), ("[}", 1), (#"{"a""b""#, 4), (#"{"a":{}{"#, 7), (#"["a"x"#, 4), (#"{"a":"b"{"#, 8),
    ("[,", 1), ("{1", 1), (#"["a":"#, 4), ("[\"a\n", 3), ("[\"\u{0}", 2), ("[\u{0}", 1), (#"{"a":1,{"#, 7), (#"[x"#, 1),
    (#"{"user":"ali{"kind"#, 14),
  ])
  func `what no JSON begins with breaks where it can first be told`(text: String, place: Int) {
    for size in [1, 100] { #expect(end(text, pieceBytes: size) == .broken(at: place)) }
  }

  @Test func `values that are nested too deeply break`() {
    guard case .broken = end(String(repeating: "[", count: 20_000), pieceBytes: 1_000) else {
      Issue.record("a scanner remembers every bracket")
      return
    }
  }

  @Test func `records that are whole are found in broken text, the outermost of each`() {
    let event = LogText.event(0)
    func found(_ text: String) -> [String] {
      let bytes = Array(text.utf8)
      return TornText.wholeRecords(in: bytes.span).map { String(decoding: bytes[$0], as: UTF8.self) }
    }
    #expect(found("x" + event + "y" + event) == [event, event])
    #expect(found(String(event.dropLast()) + event) == [event])
    #expect(found(event.dropLast(40) + event + event) == [event, event])
    let list = #"{"kind":"EventList","items":["#
    #expect(found(list + event + "]}") == [list + event + "]}"])
    #expect(found(list + event + "," + event) == [event, event])
    #expect(found(#"{"log":"a"}{"log":"b"#) == [#"{"log":"a"}"#])
  }

  @Test func `beginnings without ends are looked at once`() {
    let beginning = #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","a":"#
    let others = [
      #"{"log":"#, #"{"log":""#, #"{"kind":"EventList","#, #"[{"a":"#, "{}", "}", "{]", #"{"records":[{},"#,
    ]
    for text in [beginning, beginning + "["] + others {
      // A hundred thousand bytes each: with a second look at each of them for each beginning this would not end.
      let log = String(repeating: text, count: 100_000 / text.utf8.count) + "\n" + LogText.event(1) + "\n"
      #expect(AssembledLog(log, recordBytesMax: 4 << 20).events.last == "event-1")
      #expect(AssembledLog(log, recordBytesMax: 10_000, pieceBytes: 5_000).events.last == "event-1", "\(text)")
    }
  }
}

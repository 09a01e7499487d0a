// Logs that were cut, torn, or are hostile.

import Foundation
import TestSupport
import Testing

@testable import AuditLog

@Suite struct DamagedLogTests {
  private let events = LogText.events(4)

  private func pretty(_ json: String) throws -> String {
    let value = try JSONSerialization.jsonObject(with: Data(json.utf8))
    return String(decoding: try JSONSerialization.data(withJSONObject: value, options: [.prettyPrinted]), as: UTF8.self)
  }

  @Test func `a log cut at any byte loses its last record only`() throws {
    let three = Array(events.prefix(3))
    let rows = three.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }
    let printed = try three.map { try pretty($0) }
    var texts: [String] = [three.joined(), printed.joined(separator: "\n"), "[\(three.joined(separator: ",\n"))]"]
    let lines: [[String]] = [
      three, three.map { LogText.runtime($0, "F") }, three.map { LogText.docker("\($0)\n") },
      three.map { "<13>Nov 23 16:43:03 node app[1]: \($0)" }, three.map { "node-1 \($0)" }, ["_raw"] + rows,
    ]
    texts += lines.map { $0.joined(separator: "\n") }
    for text in texts {
      let bytes = Array(text.utf8)
      var count = 0
      for cut in 0...bytes.count {
        let log = AssembledLog(Array(bytes[..<cut]))
        #expect(log.events == LogText.ids(0..<log.events.count))
        #expect(log.events.count >= count)
        count = log.events.count
        // The first line alone does not tell what log it is.
        if count > 0 { #expect(log.damage == [], "cut at \(cut): \(text.prefix(40))") }
        #expect(log.damageAtEnd.count <= 1, "cut at \(cut): \(text.prefix(40))")
      }
      #expect(count == 3, "\(text.prefix(40))")
    }
  }

  @Test func `a record torn at any byte costs itself only, whatever follows on its line or the next`() {
    for before in ["", "node-1 ", "<13>Nov 23 16:43:03 host app: "] {
      let lines = events.map { before + $0 }
      let torn = Array(lines[1].utf8)
      for cut in (before.utf8.count + 1)..<(torn.count - 1) {
        for separator in ["", "\n", "\u{0}\u{0}\u{0}", "\n\u{0}\u{0}\n", "\r\n"] {
          let head = String(decoding: torn[..<cut], as: UTF8.self)
          let log = AssembledLog("\(lines[0])\n\(head)\(separator)\(lines[2])\n\(lines[3])\n")
          #expect(Set(log.events) == ["event-0", "event-2", "event-3"], "cut at \(cut), \(separator.debugDescription)")
          #expect(log.events.count == 3)
          // A name and a brace are text as any other, and might be of another log.
          guard cut > before.utf8.count + 2 else { continue }
          #expect(log.damage == [.init(line: 2, reason: .cutOff)], "cut at \(cut), \(separator.debugDescription)")
          #expect(log.damageAtEnd == [] && log.others == 0)
        }
      }
    }
  }

  @Test func `a line of Docker's log torn at any byte costs itself only`() {
    let lines = events.map { LogText.docker($0 + "\n") }
    let torn = Array(lines[1].utf8)
    for cut in 1..<(torn.count - 1) {
      for separator in ["", "\n"] {
        let head = String(decoding: torn[..<cut], as: UTF8.self)
        let log = AssembledLog(lines[0] + "\n" + head + separator + lines[2] + "\n" + lines[3] + "\n")
        #expect(
          log.events.sorted() == ["event-0", "event-2", "event-3"],
          "cut at \(cut), \(separator.debugDescription)"
        )
        #expect(log.damage == [.init(line: 2, reason: .cutOff)], "cut at \(cut), \(separator.debugDescription)")
      }
    }
  }

  @Test func `a torn record that is printed over many lines costs itself only, and is named once`() throws {
    let printed = try events.map { try pretty($0) }
    let torn = printed[1].split(separator: "\n", omittingEmptySubsequences: false)
    for cut in 1..<torn.count {
      let text = [printed[0], torn[..<cut].joined(separator: "\n"), printed[2], printed[3]].joined(separator: "\n")
      #expect(AssembledLog(text).events == ["event-0", "event-2", "event-3"], "cut at line \(cut)")
      #expect(AssembledLog(text).damage.count == 1, "cut at line \(cut): \(AssembledLog(text).damage)")
      let headless = [torn[cut...].joined(separator: "\n"), printed[2], printed[3]].joined(separator: "\n")
      #expect(AssembledLog(headless).events == ["event-2", "event-3"], "cut at line \(cut)")
      #expect(AssembledLog(headless).damage.count == 1, "cut at line \(cut): \(AssembledLog(headless).damage)")
    }
  }

  @Test func `the whole items of a batch that is cut off are read`() throws {
    let head = #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["#
    for list in [head + events.joined(separator: ",") + ",{", head + events.joined(separator: ",") + ",{\"a"] {
      let log = AssembledLog(list)
      #expect(log.events == LogText.ids(0..<4))
      #expect(log.damageAtEnd == [.init(line: 1, reason: .cutOff)])
      let followed = AssembledLog(list + "\n" + LogText.event(4) + "\n")
      #expect(followed.events.sorted() == LogText.ids(0..<5))
    }
  }

  @Test(arguments: [Int.max, 10_000, 100])
  func `batches larger than any record are read item by item, and keep what is said of the whole`(size: Int) {
    let events = LogText.events(40)
    let items = events.joined(separator: ",")
    let bare = events.map { $0.replacing(#""kind":"Event","apiVersion":"audit.k8s.io/v1","#, with: "") }
    for text in [
      "[" + items + "]", #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["# + items + "]}",
      #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["# + bare.joined(separator: ",") + #"],"x":[1]}"#,
      #"{"a":[1,{"b":"]"}],"records":["# + items + #"],"b":{}}"#,
      #"{"logGroup":"/aws/eks/c/cluster","logStream":"kube-apiserver-audit-1","logEvents":["#
        + events.map { #"{"id":"1","message":\#(TestJSON.string($0).text)}"# }.joined(separator: ",") + "]}",
      #"{"results":["# + events.map { #"{"_raw":\#(TestJSON.string($0).text)}"# }.joined(separator: ",\n") + "]}",
    ] {
      let log = AssembledLog(text + "\n" + LogText.event(40) + "\n", recordBytesMax: 4_000, pieceBytes: size)
      #expect(log.events == LogText.ids(0..<41), "\(text.prefix(60))")
      #expect(log.damage == [] && log.damageAtEnd == [] && log.others == 0, "\(text.prefix(60)): \(log.damage)")
    }
    let stream = #"{"logGroup":"/aws/eks/c/cluster","logStream":"authenticator-1","logEvents":["#
    let other = AssembledLog(stream + items + "]}", recordBytesMax: 4_000, pieceBytes: size)
    #expect(other.events == [], "other streams' records are not audit events, however large their batch is")
  }

  @Test(arguments: [Int.max, 500])
  func `a record that is too long is named and skipped, alone and in a batch`(size: Int) {
    let long = LogText.event(9, padding: 9_000)
    let reason = UnreadableReason.tooLong(limitBytes: 4_000)
    for (text, line) in [
      (events[0] + "\n" + long + "\n" + events[1], 2), (events[0] + long + events[1], 1),
      ("[" + events[0] + ",\n" + long + ",\n" + events[1] + "]", 2),
      (#"{"records":["# + events[0] + "," + long + "," + events[1] + "]}", 1),
    ] {
      let log = AssembledLog(text, recordBytesMax: 4_000, pieceBytes: size)
      #expect(log.events == LogText.ids(0..<2), "\(text.prefix(40))")
      #expect(log.damage == [.init(line: line, reason: reason)], "\(text.prefix(40))")
      #expect(log.damageAtEnd == [] && log.others == 0)
    }
    let endless = long.dropLast(5_000) + "\n" + events[1] + "\n" + events[2] + "\n"
    #expect(AssembledLog(String(endless), recordBytesMax: 4_000, pieceBytes: size).events == LogText.ids(1..<3))
  }

  @Test(arguments: 0..<200)
  func `garbage lines cost no whole line, and nothing crashes`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let words: [String] = [
      "{", "}", "[", "]", "\"", "\\", ",", ":", "\n", "\n", "{\"a\":", "\u{0}", "P ", "{\"log\":\"x\"", "stdout F ",
      "é", "\r",
      "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/", "{\"items\":[", "2026-11-23T16:43:03Z stdout P ", "1",
      "true",
      "2026-11-23T16:43:03Z stderr F {", LogText.docker("{\"kind"), LogText.docker("x\n"), "[Truncated...]", "<13>",
      " ",
      String(LogText.event(7).prefix(400)), "{\"records\":[{},", "AUDIT: id=\"", "_raw,a", "I1123",
    ]
    for _ in 0..<20 {
      var garbage = ""
      for _ in 0..<Int.random(in: 1...20, using: &generator) { garbage += words.randomElement(using: &generator) ?? "" }
      if garbage.hasPrefix("_raw") || garbage.hasPrefix("\0") { garbage = "x" + garbage }
      let text = "\(events[0])\n\(garbage)\n\(events[1])\n\(events[2])\n"
      for size in [Int.max, 50] {
        // Short pieces of a line that is whole are read by the assembler, into which garbage may have run before.
        let log = AssembledLog(text, recordBytesMax: 2_000, pieceBytes: size)
        if size == .max {
          #expect(log.events.contains("event-1") && log.events.contains("event-2"), "\(garbage.debugDescription)")
        }
        #expect(log.events.first == "event-0")
      }
    }
  }

  @Test(arguments: 0..<200)
  func `random bytes crash nothing`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let lines = [events[0], LogText.docker(events[1]), LogText.runtime(events[2], "P")]
    var bytes = Array(lines.joined(separator: "\n").utf8)
    for _ in 0..<Int.random(in: 1...60, using: &generator) {
      let place = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 30))
      default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 80)], at: place / 2)
      }
      if bytes.isEmpty { bytes = [10] }
    }
    for (limit, size) in [(1 << 20, Int.max), (500, Int.max), (500, 1), (200, 33)] {
      _ = AssembledLog(bytes, recordBytesMax: limit, pieceBytes: size)
      let whole = Array("\(events[0])\n".utf8) + bytes + Array("\n\(events[3])\n".utf8)
      let log = AssembledLog(whole, recordBytesMax: max(limit, 2_000))
      #expect(log.events.first == "event-0" && log.events.last == "event-3")
    }
  }
}

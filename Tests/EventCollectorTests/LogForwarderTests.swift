// Logs are forwarded as they are: in whole lines, from where the last run ended.

import Compression
import Foundation
import RiskLedger
import TLS
import TestSupport
import Testing

@testable import EventCollector

@Suite(.serialized) struct LogForwarderTests {
  /// Bytes that are handed out in pieces of any size.
  private final class PieceSource: ByteSource {
    private var rest: ArraySlice<UInt8>
    private var generator: SeededGenerator

    init(_ bytes: [UInt8], seed: UInt64) {
      rest = bytes[...]
      generator = SeededGenerator(seed: seed)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
      let count = min(buffer.count, rest.count, Int.random(in: 1...70_000, using: &generator))
      unsafe buffer.copyBytes(from: rest.prefix(count))
      rest = rest.dropFirst(count)
      return count
    }
  }

  private static func reader(_ bytes: [UInt8], seed: UInt64 = 1) -> DecompressingReader {
    DecompressingReader(PieceSource(bytes, seed: seed))
  }

  private static func lines(_ count: Int, bytes: Int = 200) -> [String] {
    (0..<count).map { #"{"auditID":"\#($0)","pad":"\#(String(repeating: "x", count: bytes))"}"# }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `parts are the log again, end behind lines, and fit into a request`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    while bytes.count < 3_000_000 {
      let length = Bool.random(using: &generator) ? Int.random(in: 0...50, using: &generator) : 40_000
      bytes += Array(repeating: UInt8.random(in: 32...126, using: &generator), count: length)
      bytes += Bool.random(using: &generator) ? Array("\r\n".utf8) : [UInt8(ascii: "\n")]
    }
    if Bool.random(using: &generator) { bytes += Array("no end".utf8) }
    var text = LogText(reader: Self.reader(bytes, seed: seed))
    var position = 0
    while let part = try text.next(name: "log", at: Int64(position)) {
      #expect(part.bytes <= 1_000_000)
      let range = bytes[position..<position + part.bytes]
      #expect(range.last == UInt8(ascii: "\n") || position + part.bytes == bytes.count)
      let blank = Set(" \t\r\n".utf8)
      #expect(part.lines.body.filter { !blank.contains($0) } == range.filter { !blank.contains($0) })
      position += part.bytes
    }
    #expect(position == bytes.count)
  }

  @Test func `an object over several lines is not torn where that can be helped`() throws {
    let object = "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": \"\(String(repeating: "x", count: 30_000))\"\n  }\n}\n"
    let bytes = Array(String(repeating: object, count: 100).utf8)
    var text = LogText(reader: Self.reader(bytes))
    var parts = 0
    while let part = try text.next(name: "log", at: 0) {
      #expect(part.lines.body.first == UInt8(ascii: "{"))
      #expect(part.lines.body.suffix(2) == Array("}\n".utf8)[...])
      parts += 1
    }
    #expect(parts == 4)
  }

  @Test func `a line that is longer than a request goes out alone`() throws {
    let long = String(repeating: "y", count: 2_500_000)
    var text = LogText(reader: Self.reader(Array("a\n\(long)\nb\n".utf8)))
    var bodies: [Int] = []
    while let part = try text.next(name: "log", at: 0) { bodies.append(part.lines.body.count) }
    #expect(bodies == [2, 2_500_001, 2])
  }

  // MARK: - To a collector

  private final class Run {
    let collector: TestCollector
    let url: LedgerURL
    var notices: [CollectorNotice] = []

    init(_ arguments: [String] = [], script: [String] = []) throws {
      collector = try TestCollector(arguments, script: script)
      url = .sqlite(path: "\(collector.folder)/ledger.sqlite")
    }

    func forward(_ text: String, name: String = "audit.jsonl", acks: Bool = false) throws {
      let forwarder = LogForwarder(
        CollectorDestination(
          endpoints: [try collector.endpoint],
          context: try collector.context,
          channel: UUID().uuidString,
          ackSeconds: acks ? 20 : nil,
          token: { TestCollector.token }
        ),
        outbox: try #require(try url.openOutbox()),
        wait: { Thread.sleep(forTimeInterval: Double($0) / 1_000) },
        notify: { [self] in notices.append($0) }
      )
      try forwarder.forward(
        LogForwarderTests.reader(Array(text.utf8)),
        name: name,
        metadata: LogMetadata(index: "attack data", source: "kubernetes", sourcetype: "_json", host: "é/1&2")
      ) { _ in }
    }

    var lines: [String] {
      get throws { try collector.received().map { try #require($0["event"] as? String) } }
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func `lines arrive once and in order with what Splunk is told of them`(acks: Bool) throws {
    let run = try Run(acks ? ["--ack"] : [])
    let lines = Self.lines(12_000)
    try run.forward(lines.joined(separator: "\n"), acks: acks)
    #expect(try run.lines == lines)
    #expect(try run.collector.violations().isEmpty)
    let first = try #require(try run.collector.received().first)
    #expect(first["index"] as? String == "attack data")
    #expect(first["source"] as? String == "kubernetes")
    #expect(first["sourcetype"] as? String == "_json")
    #expect(first["host"] as? String == "é/1&2")
    #expect(try run.collector.requests().filter { $0["path"] as? String == "/services/collector/raw" }.count == 3)
    // Again there is nothing new, and then there is.
    try run.forward(lines.joined(separator: "\n"), acks: acks)
    #expect(try run.lines.count == lines.count)
    try run.forward(lines.joined(separator: "\n") + "\nnew\n", acks: acks)
    #expect(try run.lines == lines + ["new"])
    // Another log, also under the same name.
    try run.forward("other\n", acks: acks)
    try run.forward("other\n", name: "copy", acks: acks)
    #expect(try run.lines.suffix(2) == ["other", "other"])
  }

  @Test(.timeLimit(.minutes(1)))
  func `a collector that fails and comes back gets everything, and one that refuses the token stops it`() throws {
    let run = try Run(script: [#"{}"#, #"{"code":9}"#, #"{"drop":"before"}"#, #"{"code":4}"#])
    let lines = Self.lines(12_000)
    #expect(throws: LogForwarderError.self) { try run.forward(lines.joined(separator: "\n")) }
    let taken = try run.lines.count
    #expect((1..<lines.count).contains(taken), "the first request was taken")
    #expect(run.notices.contains { if case .stopped(_, let reason) = $0 { reason.contains("code 4") } else { false } })
    try run.forward(lines.joined(separator: "\n"))
    #expect(try run.lines == lines, "a second run goes on behind what was taken")
  }

  @Test(.timeLimit(.minutes(1)))
  func `a line that is too large is named, and the others arrive`() throws {
    let run = try Run(["--max-bytes", "300000"])
    var lines = Self.lines(3_000)
    lines.insert(String(repeating: "z", count: 400_000), at: 1_000)
    try run.forward(lines.joined(separator: "\n"))
    lines.remove(at: 1_000)
    #expect(try run.lines == lines)
    let place = lines[..<1_000].reduce(0) { $0 + $1.utf8.count + 1 }
    #expect(
      run.notices.contains(
        .dropped(id: "byte \(place) of audit.jsonl", reason: "it is larger than the collector takes")
      )
    )
  }

  @Test(.timeLimit(.minutes(1)))
  func `a log that has become shorter is not forwarded from anywhere`() throws {
    let run = try Run()
    let lines = Self.lines(100)
    try run.forward(lines.joined(separator: "\n"))
    #expect(throws: LogForwarderError.self) { try run.forward(lines[..<50].joined(separator: "\n")) }
    #expect(try run.lines == lines)
  }
}

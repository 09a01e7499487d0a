// Replays text in tests: through the scanner, and line by line through the parser for comparison.

import Evaluation
import JSONDocument
import TestSupport

@testable import AuditLog

/// Keeps what a replay finds.
struct Findings: ReplayHandler {
  var findings: [ReplayFinding] = []
  var compared: [ComparedEvent] = []

  mutating func receive(_ finding: ReplayFinding) { findings.append(finding) }
  mutating func receive(_ event: ComparedEvent) { compared.append(event) }
}

/// What came of a replay.
struct ReplayResult: Equatable {
  var findings: [ReplayFinding]
  var compared: [ComparedEvent]
  var rows: [AnalyticRow]
  var summary: ReplaySummary

  /// Replays a log as files are replayed, in segments that end after every `segmentLines` lines.
  static func of(
    _ text: [UInt8],
    _ settings: ReplaySettings = ReplaySettings(policy: Policy(mode: .deny)),
    segmentLines: Int = .max
  ) -> ReplayResult {
    let engine = ReplayEngine(settings, handler: Findings())
    engine.begin(file: "audit.log")
    let scanner = SegmentScanner(settings)
    let buffer = SegmentBuffer()
    var segments = Self.segments(text, lines: segmentLines)
    if segments.isEmpty { segments = [[]] }
    for (number, segment) in segments.enumerated() {
      while buffer.capacity < segment.count { buffer.grow(keeping: 0) }
      buffer.room(from: 0).copyBytes(from: segment)
      let isCut = number == segments.count - 1 && segment.last != UInt8(ascii: "\n")
      engine.apply(scanner.scan(buffer.text(segment.count), continuesLine: false, end: isCut ? .cut : .lineFeed))
    }
    engine.endFile()
    return ReplayResult(engine)
  }

  /// Replays a log by parsing every line.
  static func plainly(
    _ text: [UInt8],
    _ settings: ReplaySettings = ReplaySettings(policy: Policy(mode: .deny))
  ) -> ReplayResult {
    let engine = ReplayEngine(settings, handler: Findings())
    engine.begin(file: "audit.log")
    let unwrapper = Unwrapper(recordBytesMax: settings.recordBytesMax)
    var sink = ObservationSink(EventObserver(settings))
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      sink.result = SegmentResult()
      sink.line = 1
      _ = Array(line).withUnsafeBytes { unwrapper.unwrap($0, padded: false, into: &sink) }
      sink.result.lines = 1
      engine.apply(sink.result)
    }
    engine.endFile()
    return ReplayResult(engine)
  }

  private init(_ engine: ReplayEngine<Findings>) {
    findings = engine.handler.findings
    compared = engine.handler.compared
    rows = engine.table.rows()
    summary = engine.summary
  }

  private static func segments(_ text: [UInt8], lines: Int) -> [[UInt8]] {
    guard lines < .max else { return [text] }
    var segments: [[UInt8]] = []
    var current: [UInt8] = []
    var count = 0
    for byte in text {
      current.append(byte)
      guard byte == UInt8(ascii: "\n") else { continue }
      count += 1
      if count == lines {
        segments.append(current)
        current = []
        count = 0
      }
    }
    return current.isEmpty ? segments : segments + [current]
  }

  /// Replays events, one a line.
  static func of(_ events: [TestAuditEvent], _ settings: ReplaySettings = ReplaySettings(policy: Policy(mode: .deny)))
    -> ReplayResult
  {
    let lines = events.enumerated().map { number, event in
      var event = event
      event.auditID = "\(number)"
      return event.json + "\n"
    }
    return of(Array(lines.joined().utf8), settings)
  }
}

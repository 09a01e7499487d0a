// `hostfence replay --output json` and `--output jsonl`.

internal import AuditLog
internal import Evaluation
internal import JSONDocument

/// One JSON object: `findings`, `rows` or `compared` with one element a line, and `summary`.
struct ReplayJSONReport: ReplayReport {
  private let content: ReplayContent
  private var isEmpty = true

  init(_ content: ReplayContent) { self.content = content }

  func begin() -> [UInt8] { Array("{\"\(content.rawValue)\":[".utf8) }

  mutating func add(_ finding: ReplayFinding) -> [UInt8] { next() + ReplayJSON.object(finding) }
  mutating func add(_ row: AnalyticRow) -> [UInt8] { next() + ReplayJSON.object(row) }
  mutating func add(_ compared: ComparedEvent) -> [UInt8] { next() + ReplayJSON.object(compared) }

  func end(_ summary: ReplaySummary) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 4 << 10)
    writer.beginObject()
    summary.writeFields(to: &writer)
    writer.endObject()
    return Array("\(isEmpty ? "" : "\n")],\"summary\":".utf8) + writer.bytes + Array("}\n".utf8)
  }

  private mutating func next() -> [UInt8] {
    defer { isEmpty = false }
    return Array((isEmpty ? "\n" : ",\n").utf8)
  }
}

/// One JSON object a line, and nothing else.
struct ReplayJSONLinesReport: ReplayReport {
  private static let lineFeed = [UInt8(ascii: "\n")]

  func begin() -> [UInt8] { [] }
  func add(_ finding: ReplayFinding) -> [UInt8] { ReplayJSON.object(finding) + Self.lineFeed }
  func add(_ row: AnalyticRow) -> [UInt8] { ReplayJSON.object(row) + Self.lineFeed }
  func add(_ compared: ComparedEvent) -> [UInt8] { ReplayJSON.object(compared) + Self.lineFeed }
  func end(_ summary: ReplaySummary) -> [UInt8] { [] }
}

/// The elements of both, as objects on one line.
private enum ReplayJSON {
  static func object(_ finding: ReplayFinding) -> [UInt8] {
    object { writer in
      for field in FindingFields.simple { writer.write(field, of: finding) }
      if let owner = finding.subject.controller {
        writer.key("owner")
        writer.beginObject()
        writer.field("kind", owner.kind)
        writer.field("name", owner.name)
        writer.endObject()
      }
      writer.key("attachments")
      writer.beginArray()
      for (place, judged) in finding.decision.attachments.enumerated() {
        writer.beginObject()
        judged.attachment.writeFields(to: &writer)
        writer.field("introduced", judged.introduced)
        writer.field("verdict", judged.verdict.rawValue)
        writer.field("rule", judged.rule.rawValue)
        writer.field("exemption", judged.exemption)
        writer.field("reason", finding.reasons.indices.contains(place) ? finding.reasons[place] : nil)
        writer.endObject()
      }
      writer.endArray()
    }
  }

  /// As in Splunk's own exports: all values are strings, and more than one value is an array.
  static func object(_ row: AnalyticRow) -> [UInt8] {
    object { writer in
      let groups: ReportValue = row.userGroups.count == 1 ? .text(row.userGroups[0]) : .texts(row.userGroups)
      let values = row.values.map(ReportValue.text) + [.text(String(row.count)), groups]
      for (name, value) in zip(AnalyticTable.columns, values) where value != .texts([]) { writer.write(name, value) }
    }
  }

  static func object(_ compared: ComparedEvent) -> [UInt8] {
    object { writer in
      for field in ComparedFields.all { writer.write(field, of: compared) }
    }
  }

  private static func object(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 1_024)
    writer.beginObject()
    members(&writer)
    writer.endObject()
    return writer.bytes
  }
}

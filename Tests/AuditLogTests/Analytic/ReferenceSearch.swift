// Runs the second writing of the search, and puts its rows and ours in one shape.

import Foundation
import JSONDocument
import TestSupport
import Testing

@testable import AuditLog

/// A row by its bytes: Swift's strings are equal when only their Unicode normalisation differs, Splunk's are not.
struct PlainRow: Hashable, CustomStringConvertible {
  var values: [[UInt8]]
  var count: Int
  var userGroups: [[UInt8]]

  init(_ values: [String], _ count: Int, _ userGroups: [String]) {
    self.values = values.map { Array($0.utf8) }
    self.count = count
    self.userGroups = userGroups.map { Array($0.utf8) }
  }

  init(_ row: AnalyticRow) { self.init(row.values, row.count, row.userGroups) }

  var description: String {
    let texts = values.map { String(decoding: $0, as: UTF8.self) }
    return "\(texts) \(count) \(userGroups.map { String(decoding: $0, as: UTF8.self) })"
  }
}

/// The search as `Tests/Fixtures/audit-log/analytic-reference.py` does it.
enum ReferenceSearch {
  struct Failed: Error {
    let status: Int32
  }

  /// The rows of a log.
  static func rows(of lines: [String]) throws -> [PlainRow] {
    let log = FileManager.default.temporaryDirectory.appending(path: "hostfence-\(UUID().uuidString).jsonl")
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: log)
    defer { try? FileManager.default.removeItem(at: log) }
    let input = try FileHandle(forReadingFrom: log)
    defer { try? input.close() }
    let output = Pipe()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", Fixtures.root.appending(path: "audit-log/analytic-reference.py").path]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
    return try text.split(separator: UInt8(ascii: "\n")).map { line in
      let row = try #require(JSONSerialization.jsonObject(with: Data(line)) as? [Any])
      let fields = AnalyticSearch.fieldNames.count
      try #require(row.count == fields + 2)
      return PlainRow(
        try #require(Array(row[..<fields]) as? [String]),
        try #require(row[fields] as? Int),
        try #require(row[fields + 1] as? [String])
      )
    }
  }
}

extension AnalyticTable {
  /// The table of a log of audit events.
  static func of(_ lines: [String]) throws -> AnalyticTable {
    var table = AnalyticTable()
    for line in lines {
      if let hit = try AnalyticSearch.hit(inJSON: line) { table.add(hit) }
    }
    return table
  }

  /// The rows in a shape that can be compared.
  var plainRows: [PlainRow] { rows().map(PlainRow.init) }
}

extension AnalyticSearch {
  /// What the search finds in an event given as JSON.
  static func hit(inJSON text: String) throws -> AnalyticHit? {
    try JSONParser().withDocument(Array(text.utf8)) { hit(in: $0) }
  }

  /// Why the search does not find an event given as JSON.
  static func explain(json text: String) throws -> AnalyticMiss? {
    try JSONParser().withDocument(Array(text.utf8)) { explain($0) }
  }
}

// What programs read out of the reports of a replay.

import AuditLog
import Evaluation
import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite struct ReplayParseBackTests {
  // MARK: - CSV

  /// Reads RFC 4180 with line feeds.
  private func cells(_ text: String) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell = String.UnicodeScalarView()
    var isQuoted = false
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      switch (scalar, isQuoted) {
      case ("\"", true) where scalars.first == "\"":
        cell.append("\"")
        scalars.removeFirst()
      case ("\"", _): isQuoted.toggle()
      case (",", false), ("\n", false):
        row.append(String(cell))
        cell = String.UnicodeScalarView()
        if scalar == "\n" {
          rows.append(row)
          row = []
        }
      default: cell.append(scalar)
      }
    }
    return rows
  }

  @Test(arguments: ReplaySample.hostileTexts)
  func `every cell of CSV comes back, harmless`(text: String) throws {
    let sample = ReplaySample.of(.findings).hostile(text)
    let rows = cells(sample.text(.csv, .findings))
    #expect(rows.count == sample.findings.count + 1)
    #expect(rows.allSatisfy { $0.count == rows[0].count })
    let isFormula = ["=", "+", "-", "@", "\t"].contains { text.drop { $0 == " " }.hasPrefix($0) }
    for column in ["user", "name", "userAgent", "ownerName", "images", "sourceIPs"] {
      let place = try #require(rows[0].firstIndex(of: column))
      for row in rows.dropFirst() where !row[place].isEmpty {
        #expect(row[place].hasPrefix("'") == isFormula)
        #expect(row[place].contains(text))
      }
    }
  }

  @Test(arguments: ReplaySample.hostileTexts)
  func `rows of the Splunk search keep their bytes`(text: String) {
    let sample = ReplaySample.of(.rows).hostile(text)
    let rows = cells(sample.text(.csv, .rows))
    #expect(rows[0] == AnalyticTable.columns)
    #expect(rows.dropFirst().allSatisfy { $0.dropLast(2).allSatisfy { Array($0.utf8) == Array(text.utf8) } })
  }

  @Test func `several groups stand in one cell, as Splunk exports them`() throws {
    let rows = cells(ReplaySample.of(.rows).text(.csv, .rows))
    #expect(rows.count == 3)
    #expect(rows[1].suffix(2) == ["1", "devs\nsystem:authenticated"])
  }

  // MARK: - JSON

  private func object(_ text: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: ReplaySample.hostileTexts)
  func `every finding of JSON comes back as it was`(text: String) throws {
    let sample = ReplaySample.of(.findings).hostile(text)
    let whole = try object(sample.text(.json, .findings))
    let findings = try #require(whole["findings"] as? [[String: Any]])
    let lines = try sample.text(.jsonl, .findings).split(separator: "\n").map { try object($0) }
    #expect(findings.count == sample.findings.count)
    #expect(NSArray(array: findings) == NSArray(array: lines))
    for finding in findings {
      #expect(finding["user"] as? String == text)
      #expect((finding["owner"] as? [String: String]) == ["kind": text, "name": text])
      let attachment = try #require((finding["attachments"] as? [[String: Any]])?.first)
      #expect(attachment["reason"] as? String == text)
    }
  }

  @Test func `the names of a finding are a contract`() throws {
    let whole = try object(ReplaySample.of(.findings).text(.json, .findings))
    let findings = try #require(whole["findings"] as? [[String: Any]])
    let always: Set = [
      "auditID", "time", "verdict", "rule", "mode", "user", "groups", "sourceIPs", "userAgent", "verb", "operation",
      "apiVersion", "kind", "namespace", "name", "objectUID", "subresource", "outcome", "responseCode", "evidence",
      "previous", "file", "line", "attachments", "policyRevision",
    ]
    for finding in findings {
      #expect(Set(finding.keys).subtracting(["impersonator", "owner", "generateName", "exemption"]) == always)
      let attachment = try #require((finding["attachments"] as? [[String: Any]])?.first)
      #expect(
        Set(attachment.keys) == [
          "pointer", "field", "certainty", "containers", "hostPorts", "aggravations", "introduced", "verdict", "rule",
          "reason",
        ]
      )
    }
    #expect(Set(findings.compactMap { $0["outcome"] as? String }) == ["written", "rejected", "dry-run"])
    #expect(findings.compactMap { $0["impersonator"] as? String } == ["alice"])
    #expect(findings.contains { ($0["owner"] as? [String: String]) == ["kind": "DaemonSet", "name": "agent"] })
  }

  @Test func `the summary of JSON has the numbers of the replay`() throws {
    let sample = ReplaySample.of(.findings)
    let summary = try #require(try object(sample.text(.json, .findings))["summary"] as? [String: Any])
    #expect(summary["findings"] as? Int == sample.findings.count)
    #expect(summary["written"] as? [String: Int] == ["denied": 3, "warned": 0, "allowed": 0])
    #expect(summary["rejected"] as? [String: Int] == ["denied": 1, "warned": 0, "allowed": 0])
    #expect(summary["unreadableCount"] as? Int == 1)
    let coverage = try #require(summary["coverage"] as? [String: Any])
    #expect(coverage["unjudgedWrites"] as? Int == 2)
    let gaps = try #require(coverage["gaps"] as? [[String: Any]])
    #expect(Set(gaps.compactMap { $0["reason"] as? String }) == ["metadataLevel", "truncated"])
    let users = try #require((summary["byUser"] as? [String: Any])?["names"] as? [[String: Any]])
    #expect(users.compactMap { $0["denied"] as? Int }.reduce(0, +) == 3)
  }

  @Test func `rows of the Splunk search are as in its own export`() throws {
    let sample = ReplaySample.of(.rows)
    let whole = try object(sample.text(.json, .rows))
    let rows = try #require(whole["rows"] as? [[String: Any]])
    #expect(rows.count == sample.rows.count)
    #expect(rows[0]["count"] as? String == "1")
    #expect(rows[0]["user_groups"] as? [String] == ["devs", "system:authenticated"])
    #expect(rows[0]["requestObject.kind"] as? String == "Pod")
    var single = sample
    single.rows[0].userGroups = ["one"]
    single.rows[1].userGroups = []
    let lines = try single.text(.jsonl, .rows).split(separator: "\n").map { try object($0) }
    #expect(lines[0]["user_groups"] as? String == "one")
    #expect(lines[1]["user_groups"] == nil)
  }
}

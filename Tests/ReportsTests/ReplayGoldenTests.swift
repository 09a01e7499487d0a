// Reports of a replay, byte by byte.

import AuditLog
import Evaluation
import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite struct ReplayGoldenTests {
  private static let files: [(ReplayFormat, ReplayContent, Int?, String)] = [
    (.table, .findings, nil, "findings.txt"), (.table, .findings, 120, "findings-120.txt"),
    (.table, .rows, 80, "rows-80.txt"), (.table, .compared, 120, "compared-120.txt"),
    (.csv, .findings, nil, "findings.csv"), (.csv, .rows, nil, "rows.csv"), (.csv, .compared, nil, "compared.csv"),
    (.json, .findings, nil, "findings.json"), (.json, .rows, nil, "rows.json"),
    (.jsonl, .findings, nil, "findings.jsonl"), (.jsonl, .compared, nil, "compared.jsonl"),
    (.html, .findings, nil, "findings.html"),
  ]

  @Test(arguments: files)
  func `a report is what it was`(format: ReplayFormat, content: ReplayContent, width: Int?, name: String) throws {
    let now = ReplaySample.of(content).bytes(format, content, width: width)
    #expect(try Golden.text(name, now: now) == String(decoding: now, as: UTF8.self))
  }

  @Test func `what people are told is what it was`() throws {
    let summary = ReplaySample.of(.findings).summary
    let now = ReplaySummaryText.render(summary, style: TextStyle(isColoured: false))
    #expect(try Golden.text("summary.txt", now: Array(now.utf8)) == now)
  }

  @Test(arguments: ReplayFormat.allCases, ReplayContent.allCases)
  func `no report needs a finding`(format: ReplayFormat, content: ReplayContent) throws {
    let empty = ReplaySample([], ReplaySettings(policy: .init(mode: .warn)))
    let text = empty.text(format, content)
    #expect(format == .jsonl ? text.isEmpty : text.hasSuffix("\n"))
    guard format == .json else { return }
    #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
  }

  @Test(arguments: ["csv", "csv=a=b", "html=x.html"])
  func `an output of a replay is a format and perhaps a file`(argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    let output = try #require(ReportOutput<ReplayFormat>(argument))
    #expect(output.format.rawValue == parts[0])
    #expect(output.file == (parts.count == 2 ? parts[1] : nil))
  }

  @Test(arguments: ["", "text", "html=", "=x"])
  func `anything else is no output`(argument: String) { #expect(ReportOutput<ReplayFormat>(argument) == nil) }
}

// Reports and exit codes.

import Evaluation
import Foundation
import Manifests
import Reports
import RiskLedger
import TestSupport
import Testing

@Suite struct ReportsTests {
  private func result(_ yaml: String, mode: Mode = .deny) -> CheckResult {
    var checker = ManifestChecker(
      policy: Policy(mode: mode),
      as: UserInfo(username: "", groups: []),
      at: Judgement.time,
      duplicateKeys: .error
    )
    checker.check(Array(yaml.utf8), file: "a.yaml", mustHoldObjects: true)
    return checker.result
  }

  private let denied =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostNetwork: true, containers: [{name: c}]}\n"
  private let clean = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c}]}\n"

  @Test(arguments: [
    (Mode.deny, FailOn.deny, ExitCode.found), (.deny, .warn, .found), (.deny, .never, .clean), (.warn, .deny, .clean),
    (.warn, .warn, .found), (.warn, .never, .clean), (.audit, .warn, .clean), (.off, .warn, .clean),
  ])
  func `exit codes follow verdicts`(mode: Mode, failOn: FailOn, code: ExitCode) {
    #expect(ExitCode(result(denied, mode: mode), failOn: failOn) == code)
  }

  @Test(arguments: FailOn.allCases)
  func `unreadable input outweighs every verdict`(failOn: FailOn) {
    #expect(ExitCode(result(denied + "---\na: [\n"), failOn: failOn) == .unjudged)
    #expect(ExitCode(result(clean), failOn: failOn) == .clean)
  }

  @Test func `the same result is the same bytes`() {
    #expect(CheckJSONReport.render(result(denied)) == CheckJSONReport.render(result(denied)))
  }

  @Test func `the summary counts what the lists hold`() throws {
    let report = CheckJSONReport.render(result("\(denied)---\n\(clean)---\na: 1\n---\nb: 1\nb: 2\n"))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(report)) as? [String: Any])
    #expect(
      object["summary"] as? [String: Int] == [
        "files": 1, "objects": 2, "otherDocuments": 1, "denied": 1, "warned": 0, "allowed": 0, "unreadable": 1,
      ]
    )
  }

  @Test func `what an input says cannot steer a terminal`() {
    let hostile = denied.replacing("name: p", with: #"name: "p\u001b[2J\u202e\n""#)
    for isColoured in [true, false] {
      let text = String(
        decoding: CheckTextReport.render(result(hostile), style: TextStyle(isColoured: isColoured)),
        as: UTF8.self
      )
      #expect(!text.contains("\u{1B}[2J"))
      #expect(!text.contains("\u{202E}"))
      #expect(text.split(separator: "\n").count == 1)
      #expect(text.contains("\u{1B}[") == isColoured)
    }
  }

  @Test(arguments: [
    ("text", ReportOutput<ReportFormat>(format: .text)), ("json", ReportOutput<ReportFormat>(format: .json)),
    ("json=a=b.json", ReportOutput<ReportFormat>(format: .json, file: "a=b.json")),
  ])
  func `an output is a format and perhaps a file`(argument: String, output: ReportOutput<ReportFormat>) {
    #expect(ReportOutput<ReportFormat>(argument) == output)
  }

  @Test(arguments: ["", "xml", "json=", "=a", "JSON"])
  func `anything else is none`(argument: String) { #expect(ReportOutput<ReportFormat>(argument) == nil) }

  @Test func `risk events are a JSON array whatever their number`() throws {
    let event = try #require(try TestReview(#"{"spec":{"hostNetwork":true,"containers":[{}]}}"#).judged().events.first)
    for count in 0...3 {
      var report = RiskEventsJSONReport()
      var bytes: [UInt8] = []
      for _ in 0..<count { bytes += report.append(RecordedRiskEvent(event: event, counted: true)) }
      bytes += report.end()
      let array = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [[String: Any]])
      #expect(array.count == count)
      #expect(array.allSatisfy { $0["counted"] as? Bool == true })
    }
  }
}

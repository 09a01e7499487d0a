// What people and scripts are told at the end of a replay, and on the way.

import AuditLog
import Evaluation
import TestSupport
import Testing

@testable import Reports

@Suite struct ReplaySummaryTests {
  private func summary(denied: Int = 0, warned: Int = 0, allowed: Int = 0, mode: Mode = .deny) -> ReplaySummary {
    var summary = ReplaySummary(policy: Policy(mode: mode))
    summary.written.denied = denied
    summary.written.warned = warned
    summary.written.allowed = allowed
    return summary
  }

  private func text(_ summary: ReplaySummary, _ semantics: ReplaySemantics = .hostfence) -> String {
    ReplaySummaryText.render(summary, style: TextStyle(isColoured: false), semantics: semantics)
  }

  private let pods = CoverageGap(group: "", resource: "pods", reason: .metadataLevel)

  // MARK: - Exit codes

  @Test(arguments: [
    (0, 0, FailOn.deny, ExitCode.clean), (1, 0, .deny, .found), (0, 1, .deny, .clean), (0, 1, .warn, .found),
    (1, 1, .never, .clean), (0, 0, .warn, .clean),
  ])
  func `exit codes follow what was written`(denied: Int, warned: Int, failOn: FailOn, code: ExitCode) {
    var summary = summary(denied: denied, warned: warned, allowed: 5)
    summary.rejected.denied = 3
    summary.dryRuns.denied = 3
    summary.cutLastRecords = [UnreadablePlace(file: "a", line: 1, message: "")]
    for unjudged in UnjudgedIs.allCases { #expect(ExitCode(summary, failOn: failOn, unjudged: unjudged) == code) }
  }

  @Test(arguments: FailOn.allCases)
  func `what could not be judged outweighs all findings unless told otherwise`(failOn: FailOn) {
    for denied in [0, 1] {
      var dark = summary(denied: denied)
      dark.coverage.gaps[pods] = 1
      var torn = summary(denied: denied)
      torn.unreadableCount = 1
      for summary in [dark, torn] {
        #expect(ExitCode(summary, failOn: failOn, unjudged: .error) == .unjudged)
        #expect(
          ExitCode(summary, failOn: failOn, unjudged: .warn)
            == (denied > 0 && failOn != .never ? ExitCode.found : .clean)
        )
      }
    }
  }

  @Test func `custom resources without a body are no failure`() {
    var summary = summary()
    summary.coverage.customResourceGaps[pods] = 5
    #expect(ExitCode(summary, failOn: .deny, unjudged: .error) == .clean)
    #expect(text(summary).contains("5 writes of custom resources, some of which may make pods, have no body to judge"))
  }

  // MARK: - Words

  @Test(arguments: [
    (12, 3, 0, Mode.deny, "With --mode deny 12 requests would have been denied, 3 let through with a warning."),
    (0, 1, 0, .warn, "With --mode warn 1 request would have been let through with a warning."),
    (0, 0, 2, .audit, "With --mode audit 2 requests would have been let through and recorded."),
    (0, 0, 0, .deny, "With --mode deny no stored object would have been touched."),
    (0, 0, 0, .off, "With --mode off nothing is judged."),
  ])
  func `what would have been is said in words`(denied: Int, warned: Int, allowed: Int, mode: Mode, words: String) {
    #expect(ReplaySummaryText.whatIf(summary(denied: denied, warned: warned, allowed: allowed, mode: mode)) == words)
  }

  @Test func `a dark log without findings is not called clean`() {
    var dark = summary()
    dark.coverage.gaps[pods] = 66
    dark.coverage.judgedWrites = 1_234
    #expect(
      text(dark).contains(
        "No findings, but 66 writes of pods and workloads could not be judged (1,234 writes could): this is not a clean bill."
      )
    )
    // The rows of the Splunk search are no findings of ours, so nothing is said of how many there are.
    let rows = text(dark, .splunk)
    #expect(rows.contains("66 writes of pods and workloads could not be judged, 1,234 writes could."))
    #expect(!rows.contains("No findings"))
    dark.isFiltered = true
    #expect(text(dark).contains("but 66 writes of pods and workloads could not be judged: this is not a clean bill."))
    dark.written.denied = 1
    #expect(!text(dark).contains("clean bill"))
    #expect(!text(summary()).contains("clean bill"))
  }

  @Test func `a log without audit events, or without ends of requests, is not called clean`() {
    var other = summary()
    other.lines = 12
    #expect(text(other).contains("There is no audit event in 12 lines: is this a Kubernetes audit log?"))
    #expect(ExitCode(other, failOn: .deny, unjudged: .error) == .unjudged)
    #expect(ExitCode(other, failOn: .deny, unjudged: .warn) == .clean)
    other.isShard = true
    #expect(ExitCode(other, failOn: .deny, unjudged: .error) == .clean)

    var early = summary()
    early.lines = 3
    early.coverage.events = 3
    early.coverage.earlyEvents = 2
    #expect(text(early).contains("take ResponseComplete out of omitStages"))
    #expect(ExitCode(early, failOn: .deny, unjudged: .error) == .unjudged)
    early.coverage.endedWrites = 1
    #expect(!text(early).contains("omitStages"))
    #expect(ExitCode(early, failOn: .deny, unjudged: .error) == .clean)
  }

  @Test func `the policy names the resources that were dark, and no others`() throws {
    var coverage = Coverage()
    coverage.gaps = [
      pods: 1, CoverageGap(group: "", resource: "pods/ephemeralcontainers", reason: .metadataLevel): 2,
      CoverageGap(group: "apps", resource: "deployments", reason: .metadataLevel): 3,
      CoverageGap(group: "batch", resource: "jobs", reason: .truncated): 4,
    ]
    let yaml = try #require(AuditPolicyAdvice.yaml(coverage))
    let rule = yaml.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    #expect(
      rule == """
        - level: Request
          verbs: ["create", "update", "patch"]
          resources:
          - group: ""
            resources: ["pods", "pods/ephemeralcontainers"]
          - group: "apps"
            resources: ["deployments"]
        """
    )
    coverage.gaps = [CoverageGap(group: "batch", resource: "jobs", reason: .truncated): 4]
    #expect(AuditPolicyAdvice.yaml(coverage) == nil)
    #expect(CoverageText.remedies(coverage)[0].words.contains("--audit-log-truncate-max-event-size"))
  }

  @Test(arguments: CoverageGap.Reason.allCases)
  func `every reason has words and a remedy`(reason: CoverageGap.Reason) {
    var summary = summary()
    summary.coverage.gaps[CoverageGap(group: "apps", resource: "deployments/scale", reason: reason)] = 1
    #expect(text(summary).contains("1 deployments.apps/scale: \(CoverageText.words(reason))"))
    #expect(CoverageText.remedies(summary.coverage).count == 1)
  }

  @Test func `the first unreadable places are named and the rest counted`() {
    var summary = summary()
    summary.unreadableCount = 1_200
    summary.unreadable = (1...100).map { UnreadablePlace(file: "a.log", line: $0, message: "torn \u{1B}[2J") }
    summary.unreadable[0].line = 0
    let text = text(summary)
    #expect(text.contains("1,200 places could not be read:\n  a.log: torn"))
    #expect(text.contains("  a.log:20: torn"))
    #expect(!text.contains("a.log:21:"))
    #expect(text.contains("and 1,180 more"))
    #expect(!text.contains("\u{1B}"))
  }

  @Test func `names are those of what would be stopped`() {
    var summary = summary(denied: 1, allowed: 1)
    summary.byUser.add(.deny, for: "mallory")
    summary.byUser.add(.allow, for: "mirror")
    #expect(text(summary).contains("mallory: 1 denied"))
    #expect(!text(summary).contains("mirror"))
  }

  @Test func `rows that stats drops are explained`() throws {
    var omissions = AnalyticTable().omissions
    #expect(AnalyticNote.text(absentFields: [], omissions: omissions) == nil)
    let note = try #require(AnalyticNote.text(absentFields: ["objectRef.name"], omissions: omissions))
    #expect(note.contains("the field objectRef.name."))
    omissions.events = 2
    #expect(AnalyticNote.text(absentFields: [], omissions: omissions)?.contains("2 events") == true)
  }

  // MARK: - On the way

  @Test func `progress is a line of numbers`() {
    let line = ReplayProgress.line(
      bytesDone: 1_221_000_000,
      bytesTotal: 3_300_000_000,
      elapsedSeconds: 2,
      events: 1_203_311,
      findings: 42,
      width: 120
    )
    #expect(line == " 37 %  1.2 GB of 3.3 GB  611 MB/s  1,203,311 events  42 findings  4 s left")
  }

  @Test(arguments: [0, 1, 4, 6, 10, 20, 40, 60, 80, 200])
  func `progress fits`(width: Int) {
    for total in [0, 10, 5_000_000_000] {
      for done in [0, 10, 4_999_999_999, 6_000_000_000] {
        for elapsed in [0, 0.1, 3, 100_000] {
          let line = ReplayProgress.line(
            bytesDone: done,
            bytesTotal: total,
            elapsedSeconds: elapsed,
            events: done,
            findings: done,
            width: width
          )
          #expect(line.count <= width)
          #expect(!line.contains("-"))
        }
      }
    }
  }

  @Test func `without a total there is no percentage`() {
    let line = ReplayProgress.line(
      bytesDone: 5_000,
      bytesTotal: 0,
      elapsedSeconds: 1,
      events: 1,
      findings: 1,
      width: 80
    )
    #expect(line == "5 kB  5 kB/s  1 event  1 finding")
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (1_249, "1.2 kB"), (9_949, "9.9 kB"), (9_960, "10 kB"),
    (999_499, "999 kB"), (999_500, "1 MB"), (3_300_000_000, "3.3 GB"), (Int.max, "9.2 EB"),
  ])
  func `bytes are rounded to what can be grasped`(bytes: Int, text: String) { #expect(NumberText.bytes(bytes) == text) }

  @Test(arguments: [
    (0.0, "0 s"), (2.1, "3 s"), (59.5, "1 min 0 s"), (130, "2 min 10 s"), (3_900, "1 h 5 min"), (1e300, "over a year"),
    (.infinity, "over a year"), (.nan, "over a year"),
  ])
  func `durations are too`(seconds: Double, text: String) { #expect(NumberText.duration(seconds: seconds) == text) }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func `numbers are grouped`(number: Int, text: String) { #expect(NumberText.grouped(number) == text) }
}

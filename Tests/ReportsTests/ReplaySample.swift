// A small replay of made events, which the tests of all formats render.

import AuditLog
import Evaluation
import Foundation
import TestSupport

@testable import Reports

/// Keeps what a replay finds.
private struct Kept: ReplayHandler {
  var findings: [ReplayFinding] = []
  var compared: [ComparedEvent] = []

  mutating func receive(_ finding: ReplayFinding) { findings.append(finding) }
  mutating func receive(_ event: ComparedEvent) { compared.append(event) }
}

/// What came of a replay.
struct ReplaySample {
  var findings: [ReplayFinding] = []
  var compared: [ComparedEvent] = []
  var rows: [AnalyticRow] = []
  var summary: ReplaySummary

  /// Replays events, one a line, and then a line that is no record.
  init(_ events: [TestAuditEvent], _ settings: ReplaySettings, tail: String = "") {
    let lines = events.enumerated().map { number, event in
      var event = event
      event.auditID = "11111111-2222-3333-4444-00000000000\(number)"
      return event.json + "\n"
    }
    let engine = ReplayEngine(settings, handler: Kept())
    engine.replay(text: Array((lines.joined() + tail).utf8), file: "audit.log")
    findings = engine.handler.findings
    compared = engine.handler.compared
    rows = engine.table.rows()
    summary = engine.summary
    // The words of other parts are theirs to test.
    for place in compared.indices { compared[place].why = "the search looks elsewhere" }
    for place in summary.unreadable.indices { summary.unreadable[place].message = "torn" }
    summary.bytes = 6_543
  }

  /// A little of everything, in mode `deny`.
  static func of(_ content: ReplayContent) -> ReplaySample {
    let settings = ReplaySettings(
      policy: Policy(mode: .deny),
      semantics: content == .rows ? .splunk : .hostfence,
      compares: content == .compared
    )
    return ReplaySample(events, settings, tail: "neither JSON nor a known format\n")
  }

  /// Everything a report of this content is given, in one piece.
  func bytes(_ output: ReplayFormat, _ content: ReplayContent, width: Int? = nil, isColoured: Bool = false) -> [UInt8] {
    let settings = ReplaySettings(
      policy: Policy(mode: .deny),
      semantics: content == .rows ? .splunk : .hostfence,
      compares: content == .compared
    )
    var report = ReportOutput(format: output)
      .report(settings, style: TextStyle(isColoured: isColoured), widthColumns: width)
    var bytes = report.begin()
    switch content {
    case .findings: for finding in findings { bytes += report.add(finding) }
    case .rows: for row in rows { bytes += report.add(row) }
    case .compared: for event in compared { bytes += report.add(event) }
    }
    return bytes + report.end(summary)
  }

  /// As above, as text.
  func text(_ output: ReplayFormat, _ content: ReplayContent, width: Int? = nil, isColoured: Bool = false) -> String {
    String(decoding: bytes(output, content, width: width, isColoured: isColoured), as: UTF8.self)
  }

  /// Formulas, markup, quotes, control characters and wide characters, as anybody may send them.
  static let hostileTexts = [
    "=HYPERLINK(\"http://x\",\"y\")", "+1", "-2+3", "@SUM(A1)", "\tx", "</script><script>alert(1)</script>",
    "a\"b,c;d'e&f", "two\r\nlines", "\u{1B}[2J\u{202E}rl", "漢字かな交じり文", "é\u{301}\u{301}", "\u{FFFE}", "", "  =1",
  ]

  /// The sample with every text that an attacker can choose replaced.
  func hostile(_ text: String) -> ReplaySample {
    var sample = self
    for place in sample.findings.indices {
      sample.findings[place].subject.user = UserInfo(username: text, groups: [text, text])
      sample.findings[place].subject.name = text
      sample.findings[place].subject.namespace = text
      sample.findings[place].subject.kind.kind = text
      sample.findings[place].userAgent = text
      sample.findings[place].sourceIPs = [text]
      sample.findings[place].verb = text
      sample.findings[place].file = text
      sample.findings[place].subject.controller = OwnerReference(kind: text, name: text)
      sample.findings[place].reasons = [text]
      for attachment in sample.findings[place].decision.attachments.indices {
        let container = HostNetworkAttachment.Container(name: text, image: text)
        sample.findings[place].decision.attachments[attachment].attachment.containers = [container]
        sample.findings[place].decision.attachments[attachment].attachment.field = text
      }
    }
    for place in sample.compared.indices {
      sample.compared[place].user = text
      sample.compared[place].why = text
      sample.compared[place].name = text
    }
    sample.rows = sample.rows.map { row in
      AnalyticRow(values: row.values.map { _ in text }, count: row.count, userGroups: [text])
    }
    for verdict in Verdict.allCases {
      sample.summary.byUser.add(verdict, for: text)
      sample.summary.byImage.add(verdict, for: text)
      sample.summary.byOwner.add(verdict, for: text)
      sample.summary.byHour.add(verdict, for: text)
    }
    sample.summary.coverage.gaps[CoverageGap(group: text, resource: text, reason: .metadataLevel)] = 3
    sample.summary.unreadable.append(UnreadablePlace(file: text, line: 1, message: text))
    sample.summary.cutLastRecords.append(UnreadablePlace(file: text, line: 1, message: text))
    return sample
  }

  /// How many lines a report has.
  var count: Int { compared.isEmpty ? max(findings.count, rows.count) : compared.count }

  // MARK: - Events

  private static func pod(_ name: String, _ metadata: String = "", hostNetwork: Bool = true) -> String {
    """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\(name)","namespace":"payments","uid":"u-\(name)"\(metadata)},\
    "spec":{"hostNetwork":\(hostNetwork),"containers":[{"name":"main","image":"nginx:1.27","ports":[{"containerPort":80}],\
    "securityContext":{"privileged":true}},{"name":"side","image":"busybox"}]}}
    """
  }

  private static let deployment = """
    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"api","namespace":"payments"},"spec":{"template":\
    {"spec":{"hostNetwork":true,"containers":[{"name":"api","image":"registry.example/api:2"}]}}}}
    """

  private static let annotation =
    #","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"spec\":{\"hostNetwork\":true}}\n"}"#

  private static var events: [TestAuditEvent] {
    var applied = TestAuditEvent(pod("web", annotation))
    applied.groups = ["devs", "system:authenticated"]
    var owned = TestAuditEvent(
      pod("agent-x7", #","ownerReferences":[{"kind":"DaemonSet","name":"agent","controller":true}]"#)
    )
    owned.name = ""
    owned.requestObject = pod("", #","generateName":"agent-","ownerReferences":[]"#)
    owned.username = "system:serviceaccount:kube-system:daemon-set-controller"
    owned.groups = []
    owned.time = "2026-11-23T18:00:00.000000Z"
    var updated = TestAuditEvent.update(deployment)
    updated.resource = "deployments"
    updated.group = "apps"
    updated.name = "api"
    updated.impersonatedUser = "deploy-bot"
    var rejected = TestAuditEvent(pod("sniffer", annotation))
    rejected.code = 403
    rejected.responseObject = nil
    rejected.name = "sniffer"
    var dry = TestAuditEvent(pod("maybe"))
    dry.query = "dryRun=All"
    dry.name = "maybe"
    var bodiless = TestAuditEvent()
    bodiless.level = "Metadata"
    bodiless.name = "dark"
    var truncated = bodiless
    truncated.resource = "deployments"
    truncated.group = "apps"
    truncated.annotations["audit.k8s.io/truncated"] = "true"
    return [applied, owned, updated, rejected, dry, bodiless, truncated]
  }
}

/// A file that a report must equal; UPDATE_FIXTURES writes what the report is now, and fails all the same.
enum Golden {
  static func text(_ name: String, now: [UInt8]) throws -> String {
    let file = Fixtures.root.appending(path: "replay-reports/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] != nil {
      let before = try? Fixtures.text("replay-reports/\(name)")
      try Data(now).write(to: file)
      return before ?? "(new)"
    }
    return try Fixtures.text("replay-reports/\(name)")
  }
}

// The recorded log in every wrapper gives the findings of the bare log.

import Evaluation
import TestSupport
import Testing

@testable import AuditLog

@Suite struct WrappedLogTests {
  /// What of a finding no wrapper may change.
  private struct Essence: Equatable {
    let auditID: String
    let user: String
    let verb: String
    let kind: String
    let object: String
    let code: Int
    let verdict: Verdict
    let pointers: [String]
    let outcome: ReplayFinding.Outcome

    init(_ finding: ReplayFinding) {
      auditID = finding.subject.uid
      user = finding.subject.user.username
      verb = finding.verb
      kind = finding.subject.kind.kind
      object = "\(finding.subject.namespace)/\(finding.subject.name)"
      code = finding.responseCode
      verdict = finding.decision.verdict
      pointers = finding.decision.attachments.map(\.attachment.pointer)
      outcome = finding.outcome
    }
  }

  private func essence(_ text: [UInt8], segmentLines: Int = .max) -> [Essence] {
    ReplayResult.of(text, segmentLines: segmentLines).findings.map(Essence.init)
  }

  @Test(arguments: LogWrapper.allCases)
  func `the findings are those of the bare log`(wrapper: LogWrapper) throws {
    let carried = try RecordedAuditLog.lines().filter { line in
      try wrapper.carries(LogJSON.object(line))
        && !(LogWrapper.withoutImpersonation.contains(wrapper) && line.contains("\"impersonatedUser\""))
    }
    let bare = essence(Array(carried.joined(separator: "\n").utf8))
    #expect(bare.count > 10)
    let wrapped = try wrapper.wrap(carried)
    let found = essence(wrapped)
    if LogWrapper.withoutDetails.contains(wrapper) {
      #expect(found.map(\.auditID) == bare.map(\.auditID))
      #expect(found.map(\.pointers) == bare.map(\.pointers))
    } else {
      #expect(found == bare)
      #expect(essence(wrapped, segmentLines: 3) == bare)
    }
    #expect(ReplayResult.of(wrapped).summary.unreadableCount == 0)
  }

  @Test func `all wrappers in one file are read side by side`() throws {
    let lines = try RecordedAuditLog.lines().filter { $0.contains("hostNetwork") }
    var text: [UInt8] = []
    var expected: Set<String> = []
    for (number, wrapper) in LogWrapper.allCases.enumerated() {
      let line = lines[number % lines.count]
        .replacing(#/"auditID":"[^"]*"/#, with: "\"auditID\":\"\(wrapper)\"", maxReplacements: 1)
      guard wrapper.carries(try LogJSON.object(line)) else { continue }
      let isFinding = !essence(Array(line.utf8)).isEmpty
      text += try wrapper.wrap([line])
      if isFinding { expected.insert("\(wrapper)") }
    }
    let result = ReplayResult.of(text)
    #expect(Set(result.findings.map(\.subject.uid)) == expected)
    #expect(expected.count > 10)
    #expect(result.summary.unreadableCount == 0, "\(result.summary.unreadable)")
  }
}

extension LogWrapper {
  /// Products that log no `requestURI` with its query, and with it the word dryRun; and an export whose columns do not
  /// say which values of a list belong together, so that containers are lost.
  static let withoutDetails: Set<LogWrapper> = [.googleLogEntry, .googleArray, .pubSub, .splunkColumns]

  /// Products that have no column for `impersonatedUser`.
  static let withoutImpersonation: Set<LogWrapper> = [
    .azureAuditText, .azureAuditObjects, .logAnalytics, .splunkColumns,
  ]
}

// The fast way and the plain way through a log agree.

import Evaluation
import TestSupport
import Testing

@testable import AuditLog

@Suite struct DifferentialTests {
  private static let settings = [
    ReplaySettings(policy: Policy(mode: .deny)),
    ReplaySettings(policy: Policy(mode: .warn, updates: .unchanged)),
    ReplaySettings(policy: Policy(mode: .deny), semantics: .splunk),
    ReplaySettings(policy: Policy(mode: .deny), compares: true),
    ReplaySettings(policy: Policy(mode: .deny), filter: ReplayFilter(namespace: "payments", user: "alice")),
  ]

  /// What must agree: the two ways count lines and times differently on purpose.
  private func essence(_ result: ReplayResult) -> ReplayResult {
    var result = result
    result.summary.lines = 0
    result.summary.firstEvent = nil
    result.summary.lastEvent = nil
    return result
  }

  @Test(arguments: 0..<12, settings.indices)
  func `scanning and parsing every line agree on generated logs`(seed: UInt64, place: Int) throws {
    var log = try AuditLogGenerator(seed: seed)
    let text = Array((log.lines(400).joined(separator: "\n") + "\n").utf8)
    let settings = Self.settings[place]
    let plain = essence(ReplayResult.plainly(text, settings))
    #expect(essence(ReplayResult.of(text, settings)) == plain)
    #expect(essence(ReplayResult.of(text, settings, segmentLines: 7)) == plain)
    #expect(plain.summary.coverage.judgedWrites > 10)
  }

  @Test(arguments: settings.indices)
  func `scanning and parsing every line agree on the recorded log`(place: Int) throws {
    let text = try Fixtures.bytes("audit-log/audit.jsonl")
    let plain = essence(ReplayResult.plainly(text, Self.settings[place]))
    for lines in [1, 2, 50, Int.max] {
      #expect(essence(ReplayResult.of(text, Self.settings[place], segmentLines: lines)) == plain)
    }
  }
}

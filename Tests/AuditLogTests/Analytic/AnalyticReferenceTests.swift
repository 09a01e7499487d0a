// The search and its second writing give the same rows.

import TestSupport
import Testing

@testable import AuditLog

@Suite struct AnalyticReferenceTests {
  private func expectSame(_ lines: [String]) throws -> AnalyticTable {
    let table = try AnalyticTable.of(lines)
    let ours = table.plainRows
    let reference = try ReferenceSearch.rows(of: lines)
    #expect(ours.count == reference.count)
    for (ours, reference) in zip(ours, reference) where ours != reference {
      Issue.record("ours: \(ours)\nreference: \(reference)")
      break
    }
    #expect(table.omissions.isEmpty)
    return table
  }

  @Test func `the recorded log gives the rows of the reference`() throws {
    let table = try expectSame(try RecordedAuditLog.lines())
    #expect(!table.rows().isEmpty)
  }

  @Test(arguments: 0..<6)
  func `ten thousand generated events give the rows of the reference`(seed: UInt64) throws {
    var generator = AnalyticEventGenerator(seed: seed)
    let lines = generator.lines(10_000)
    let table = try expectSame(lines)
    // Every seed must find enough to compare, and leave enough out.
    #expect(table.counts.count > 100)
    switch seed % 6 {
    case 4: #expect(table.absentFields == ["responseStatus.code"] && table.rows().isEmpty)
    case 5: #expect(!table.rows().isEmpty && table.rows().allSatisfy(\.userGroups.isEmpty))
    default: #expect(table.absentFields.isEmpty && table.rows().count > 100)
    }
  }

  @Test(arguments: 0..<4)
  func `an event is explained exactly when it is not found`(seed: UInt64) throws {
    var generator = AnalyticEventGenerator(seed: seed)
    for line in generator.lines(1_000) {
      let isFound = try AnalyticSearch.hit(inJSON: line) != nil
      #expect(try isFound == (AnalyticSearch.explain(json: line) == nil), "\(line)")
    }
  }
}

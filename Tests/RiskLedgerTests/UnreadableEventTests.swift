// Rows that nobody can read, by damage or from a version to come, and those who go on all the same.

import Evaluation
import Foundation
import RiskLedger
import TestSupport
import Testing
import Threads

@Suite struct UnreadableEventTests {
  private let directory: TemporaryDirectory
  private var url: LedgerURL { .sqlite(path: directory.ledger) }

  /// A ledger of three events, of which the second cannot be read.
  init() throws {
    directory = try TemporaryDirectory()
    _ = try url.open(.readWrite).append((1...3).map { try .sample("\($0)", at: Int64($0) - 9, uid: "\($0)") })
    try makeUnreadable(2)
  }

  private func makeUnreadable(_ id: Int) throws {
    let connection = try SQLiteConnection(path: directory.ledger, access: .readWrite)
    try connection.execute("UPDATE risk_event SET event = replace(event, '\"warn\"', '\"later\"') WHERE id = '\(id)'")
  }

  private func unreadable(_ id: String) -> LedgerError { .unreadableEvent(id: id, store: directory.ledger) }

  @Test func `an outbox passes over it and names it`() throws {
    let outbox = try #require(try url.openOutbox())
    var told: [LedgerError] = []
    var last: Int64 = 0
    let events = try outbox.outgoing(after: 0, limit: 9) { sequence, error in
      told.append(error)
      last = sequence
    }
    #expect(events.map(\.recorded.event.id) == ["1", "3"])
    #expect(told == [unreadable("2")])
    #expect(events[0].sequence < last && last < events[1].sequence)
  }

  @Test func `whoever follows the ledger goes on behind it, before and after the start`() throws {
    let scores = RiskScores()
    let told = Outcomes<LedgerError>()
    let follower = try RiskScoreFollower(
      url,
      scores,
      windowSeconds: { 86_400 },
      now: { noon },
      notify: { told.append($0) }
    )
    #expect(scores.risk(of: "alice", at: noon, windowSeconds: 86_400) == 98)
    #expect(told.all == [unreadable("2")])
    let ledger = try url.open(.readWrite)
    _ = try ledger.append([.sample("4", at: -4, uid: "4")])
    waitUntil { scores.risk(of: "alice", at: noon, windowSeconds: 86_400) == 147 }
    #expect(scores.risk(of: "alice", at: noon, windowSeconds: 86_400) == 147)
    follower.close()
    #expect(told.all == [unreadable("2")], "it is told once")
  }

  @Test func `an event that comes again is known by its id, and stops nobody`() throws {
    let event = try RiskEvent.sample("2", at: -7, uid: "2")
    let recorded = try url.open(.readWrite).append([event, .sample("5", at: 5, uid: "5")])
    #expect(recorded.map(\.event.id) == ["2", "5"])
    #expect(recorded[0] == RecordedRiskEvent(event: event, counted: true))
  }

  @Test func `the evidence of an incident leaves it out and says so`() throws {
    let incidents = try url.open(.readOnly).incidents(in: RiskPeriod(), RiskThreshold(), evidenceMax: 9)
    #expect(incidents.map { $0.evidence.map(\.event.id) } == [["1", "3"]])
    #expect(incidents.map(\.evidenceLeftOut) == [1])
  }

  @Test func `reports go on where they are asked to`() throws {
    var told: [LedgerError] = []
    var seen: [String] = []
    let reader = try url.open(.readOnly)
    try reader.forEachReadableEvent(matching: RiskEventQuery(), unreadable: { told.append($0) }) { recorded in
      seen.append(recorded.event.id)
      return true
    }
    #expect(seen == ["1", "3"])
    #expect(told == [unreadable("2")])
  }
}

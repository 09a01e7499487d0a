// A ledger file that was replaced while somebody read it.

import Evaluation
import Foundation
import RiskLedger
import TestSupport
import Testing
import Threads

@Suite struct ReplacedLedgerTests {
  private let directory: TemporaryDirectory
  private var url: LedgerURL { .sqlite(path: directory.ledger) }

  init() throws {
    directory = try TemporaryDirectory()
    _ = try url.open(.readWrite).append((1...3).map { try .sample("old-\($0)", at: Int64($0) - 9, uid: "\($0)") })
  }

  /// Puts a ledger of new events in the place of the one that is there, as who restores a backup does.
  private func replace(count: Int = 1) throws {
    let other = LedgerURL.sqlite(path: directory.file("backup.db"))
    _ = try other.open(.readWrite).append((0..<count).map { try .sample("new-\($0)", at: -1, uid: "new-\($0)") })
    for file in url.files { unlink(file) }
    #expect(rename(directory.file("backup.db"), directory.ledger) == 0)
  }

  @Test func `an outbox tells that its file was replaced`() throws {
    let outbox = try #require(try url.openOutbox())
    #expect(try outbox.lease("hec", holder: "a", seconds: 30, at: noon)?.lag == 3)
    try replace()
    let replaced = LedgerError.replaced(path: directory.ledger)
    #expect(throws: replaced) { try outbox.lease("hec", holder: "a", seconds: 30, at: noon) }
    #expect(throws: replaced) { try outbox.outgoing(after: 0, limit: 9) }
    #expect(throws: replaced) { try outbox.confirm("hec", holder: "a", delivered: 1) }
    #expect(throws: replaced) { try outbox.lastSequence() }
    #expect(throws: replaced) { try outbox.forwardedBytes(of: "log") }
    #expect(throws: replaced) { try outbox.setForwardedBytes(1, of: "log") }
    #expect(try url.openOutbox()?.lastSequence() == 1)
  }

  @Test func `a reader that is kept reads the file that is there now`() throws {
    var kept = KeptLedger(reading: url)
    func ids() throws -> [String] {
      try kept.use { ledger throws(LedgerError) in try ledger.events(matching: RiskEventQuery()).map(\.event.id) }
    }
    #expect(try ids() == ["old-1", "old-2", "old-3"])
    try replace()
    #expect(try ids() == ["new-0"])
    #expect(
      try kept.use { ledger throws(LedgerError) in try ledger.overview(of: RiskPeriod(), bucketsMax: 9).counted } == 1
    )
  }

  @Test(arguments: [1, 6])
  func `whoever follows the ledger starts over with the new one, shorter or longer`(count: Int) throws {
    let scores = RiskScores()
    let told = Outcomes<LedgerError>()
    let follower = try RiskScoreFollower(
      url,
      scores,
      windowSeconds: { 86_400 },
      now: { noon },
      notify: { told.append($0) }
    )
    #expect(scores.risk(of: "alice", at: noon, windowSeconds: 86_400) == 147)
    _ = try url.open(.readWrite).append([.sample("old-4", at: -4, uid: "4")])
    waitUntil { scores.risk(of: "alice", at: noon, windowSeconds: 86_400) == 196 }
    try replace(count: count)
    // As after a restart: what counts is what the ledger says.
    waitUntil { scores.risk(of: "alice", at: noon, windowSeconds: 86_400) == 49 * count }
    #expect(scores.risk(of: "alice", at: noon, windowSeconds: 86_400) == 49 * count)
    follower.close()
    #expect(told.all == [.replaced(path: directory.ledger)])
  }
}

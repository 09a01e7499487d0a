// What a server knows of the charges that others made.

import Evaluation
import RiskLedger
import TestSupport
import Testing
import Threads

@Suite struct RiskScoreFollowerTests {
  private static let day: Int64 = 86_400

  private func expectRisk(_ risk: Int, _ scores: RiskScores, days: Int64 = 1) async throws {
    for _ in 0..<100 where scores.risk(of: "alice", at: noon, windowSeconds: days * Self.day) != risk {
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(scores.risk(of: "alice", at: noon, windowSeconds: days * Self.day) == risk)
  }

  @Test(arguments: LedgerStore.all)
  func `what others charged before and since is known, each charge once`(store: LedgerStore) async throws {
    let (url, directory) = try store.makeURL()
    let other = try url.open(.readWrite)
    _ = try other.append([.sample("before", at: -9, uid: "1"), .sample("old", at: -2 * Self.day * 1_000_000, uid: "2")])
    let scores = RiskScores()
    let follower = try RiskScoreFollower(
      url,
      scores,
      windowSeconds: { Self.day },
      now: { noon },
      notify: { Issue.record("\($0)") }
    )
    #expect(scores.risk(of: "alice", at: noon, windowSeconds: Self.day) == 49)
    scores.add(try other.append([.sample("own", at: -8, uid: "3")]))
    _ = try other.append([.sample("since", at: -7, uid: "4"), .sample("again", at: -6, uid: "4")])
    try await expectRisk(147, scores)
    follower.close()
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `history is read when a policy begins to ask for it`(store: LedgerStore) async throws {
    let (url, directory) = try store.makeURL()
    _ = try url.open(.readWrite).append([.sample("before", at: -9)])
    let scores = RiskScores()
    let isAsked = Monitor(false)
    let follower = try RiskScoreFollower(
      url,
      scores,
      windowSeconds: { isAsked.withLock { $0 } ? Self.day : nil },
      now: { noon },
      notify: { Issue.record("\($0)") }
    )
    #expect(scores.risk(of: "alice", at: noon, windowSeconds: Self.day) == 0)
    isAsked.withLock { $0 = true }
    try await expectRisk(49, scores)
    follower.close()
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `what is known already is not charged again when a policy looks further back`(store: LedgerStore) async throws {
    let (url, directory) = try store.makeURL()
    // The same attachment, each time long enough after the last to count.
    let times = [-6, -3, -1].map { $0 * Self.day * 1_000_000 }
    _ = try url.open(.readWrite).append(try times.map { try .sample("\($0)", at: $0) })
    let scores = RiskScores()
    let days = Monitor<Int64>(4)
    let follower = try RiskScoreFollower(
      url,
      scores,
      windowSeconds: { days.withLock { $0 } * Self.day },
      now: { noon },
      notify: { Issue.record("\($0)") }
    )
    #expect(scores.risk(of: "alice", at: noon, windowSeconds: 8 * Self.day) == 98)
    days.withLock { $0 = 8 }
    try await expectRisk(147, scores, days: 8)
    follower.close()
    withExtendedLifetime(directory) {}
  }

  @Test func `scores begin anew with what is loaded, however often one attachment was charged`() throws {
    let ledger = try LedgerStore.all[0].make().open()
    let scores = RiskScores()
    let day = Self.day
    scores.add(try ledger.append(try (1...200).map { try .sample("\($0)", at: -2 * $0 * day * 1_000_000) }))
    for _ in 0..<2 {
      try scores.load(ledger, since: noon.adding(seconds: -1_000 * day)) { Issue.record("\($0)") }
      #expect(scores.risk(of: "alice", at: noon, windowSeconds: 1_000 * day) == 200 * 49)
    }
  }

  @Test func `a database that is away is told of once, and followed again when it is back`() async throws {
    let server = try PostgreSQLServer()
    let url = try LedgerURL(try server.makeDatabase())
    _ = try url.open(.readWrite).append([.sample("before", at: -9, uid: "1")])
    let scores = RiskScores()
    let notes = Monitor<[LedgerError]>([])
    let follower = try RiskScoreFollower(
      url,
      scores,
      windowSeconds: { Self.day },
      now: { noon },
      notify: { error in notes.withLock { $0.append(error) } }
    )
    try server.kill()
    for _ in 0..<100 where notes.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(100)) }
    try await Task.sleep(for: .seconds(2))
    #expect(notes.withLock { $0.count } == 1)
    #expect(scores.risk(of: "alice", at: noon, windowSeconds: Self.day) == 49, "what is known stays")
    try server.start()
    _ = try url.open(.readWrite).append([.sample("after", at: -8, uid: "2")])
    try await expectRisk(98, scores)
    follower.close()
  }
}

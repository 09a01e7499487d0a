// What a ledger says about a period, told of every ledger.

import Evaluation
import RiskLedger
import TestSupport
import Testing

@Suite struct AnalysisTests {
  private func moment(_ microseconds: Int64) -> Timestamp { Timestamp(microseconds: noon.microseconds + microseconds) }

  private func ledger(_ store: LedgerStore, _ events: [RiskEvent]) throws -> any RiskLedger {
    let ledger = try store.make().open()
    _ = try ledger.append(events)
    return ledger
  }

  /// Charges of one user, each of a workload of its own.
  private func charges(_ times: [Int64], score: Int = 49, by user: String = "alice") throws -> [RiskEvent] {
    try times.map { try .sample("\(user)-\($0)", at: $0, by: user, score: score, uid: "\(user)-\($0)", namespace: "n") }
  }

  // MARK: - Incidents

  @Test(arguments: LedgerStore.all)
  func `three workloads of one user within a day are an incident, and two are none`(store: LedgerStore) throws {
    let two = try ledger(store, try charges([0, hour]))
    #expect(try two.incidents(in: RiskPeriod(), RiskThreshold(), evidenceMax: 100).isEmpty)
    let three = try ledger(store, try charges([0, hour, 23 * hour]) + charges([0, 1], by: "bob"))
    let incidents = try three.incidents(in: RiskPeriod(), RiskThreshold(), evidenceMax: 100)
    #expect(incidents.map(\.riskObject) == ["alice"])
    #expect(incidents.map(\.score) == [147])
    #expect(incidents.map(\.severity) == [.medium])
    #expect(incidents.map(\.since) == [moment(0)])
    #expect(incidents.map(\.until) == [moment(23 * hour)])
    #expect(incidents.map(\.counted) == [3])
    #expect(incidents[0].evidence.map(\.event.id) == ["alice-0", "alice-\(hour)", "alice-\(23 * hour)"])
    #expect(incidents.map(\.id) == ["alice-0@86400"])
  }

  @Test(arguments: LedgerStore.all)
  func `a sum that equals the threshold is no incident, and a window has no longer than its time`(
    store: LedgerStore
  ) throws {
    let exact = try ledger(store, try charges([0, 1], score: 50))
    #expect(try exact.incidents(in: RiskPeriod(), RiskThreshold(), evidenceMax: 9).isEmpty)
    var threshold = RiskThreshold()
    threshold.score = 99
    #expect(try exact.incidents(in: RiskPeriod(), threshold, evidenceMax: 9).count == 1)
    let apart = try ledger(store, try charges([0, day / 2, day]))
    #expect(try apart.incidents(in: RiskPeriod(), RiskThreshold(), evidenceMax: 9).isEmpty)
    threshold.score = 100
    threshold.windowSeconds = 86_401
    #expect(try apart.incidents(in: RiskPeriod(), threshold, evidenceMax: 9).count == 1)
  }

  @Test(arguments: LedgerStore.all)
  func `what goes on is one incident, and what begins anew another`(store: LedgerStore) throws {
    let steady = try ledger(store, try charges((0..<10).map { $0 * 8 * hour }))
    let one = try steady.incidents(in: RiskPeriod(), RiskThreshold(), evidenceMax: 4)
    #expect(one.map(\.counted) == [10])
    #expect(one.map(\.score) == [147])
    #expect(one.map(\.evidence.count) == [4])
    #expect(one.map(\.evidenceLeftOut) == [6])
    let twice = try ledger(store, try charges([0, 1, 2, 5 * day, 5 * day + 1, 5 * day + 2, 5 * day + 3]))
    let two = try twice.incidents(in: RiskPeriod(), RiskThreshold(), evidenceMax: 9)
    #expect(two.map(\.counted) == [4, 3])
    #expect(two.map(\.since) == [moment(5 * day), moment(0)])
  }

  @Test(arguments: [(101, RiskIncident.Severity.medium), (249, .medium), (250, .high), (499, .high), (500, .critical)])
  func `the sum grades an incident`(score: Int, severity: RiskIncident.Severity) throws {
    let ledger = try ledger(LedgerStore.all[0], try charges([0], score: score))
    #expect(try ledger.incidents(in: RiskPeriod(), RiskThreshold(), evidenceMax: 1).map(\.severity) == [severity])
  }

  @Test(arguments: LedgerStore.all, 0..<6 as Range<UInt64>)
  func `incidents are those that a plain look at every window finds`(store: LedgerStore, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let times = (0..<60).map { _ in Int64.random(in: 0..<(20 * day / hour), using: &generator) * hour }
    let events = try charges(Array(Set(times)), score: 30)
    let found = try ledger(store, events).incidents(in: RiskPeriod(), RiskThreshold(), evidenceMax: 1_000)
    let sorted = events.map(\.time).sorted()
    for last in sorted {
      let window = sorted.filter { $0 > last.adding(seconds: -86_400) && $0 <= last }
      let isTooMuch = window.count * 30 > 100
      let holders = found.filter { $0.since <= window[0] && $0.until >= last }
      if isTooMuch { #expect(holders.count == 1, "seed \(seed)") }
    }
    for incident in found {
      #expect(incident.evidence.count == incident.counted)
      #expect(
        sorted.contains { last in
          last == incident.until && sorted.count { $0 > last.adding(seconds: -86_400) && $0 <= last } * 30 > 100
        }
      )
    }
  }

  // MARK: - Risk objects and the overview

  @Test(arguments: LedgerStore.all)
  func `risk objects come by score, with what they did and where`(store: LedgerStore) throws {
    let ledger = try ledger(
      store,
      [
        try .sample("1", at: 1, namespace: "b"), try .sample("2", at: 2, introduced: false, namespace: "a"),
        try .sample("3", at: 3, by: "bob", score: 20, uid: "u3", namespace: ""),
        try .sample("4", at: 4, by: "carol", score: 90, uid: "u4"), try .sample("5", at: 5, by: "carol", uid: "u5"),
      ]
    )
    let all = try ledger.riskObjects(in: RiskPeriod(), limit: 10)
    #expect(all.map(\.riskObject) == ["carol", "alice", "bob"])
    #expect(all.map(\.score) == [139, 49, 20])
    #expect(all.map(\.counted) == [2, 1, 1])
    #expect(all.map(\.events) == [2, 2, 1])
    #expect(all.map(\.firstSeen) == [moment(4), moment(1), moment(3)])
    #expect(all.map(\.lastSeen) == [moment(5), moment(2), moment(3)])
    #expect(all.map(\.namespaces) == [["default"], ["a", "b"], [""]])
    #expect(all.map(\.riskObjectType) == ["user", "user", "user"])
    #expect(try ledger.riskObjects(in: RiskPeriod(), limit: 1).map(\.riskObject) == ["carol"])
    let later = RiskPeriod(since: moment(2), until: moment(5))
    #expect(
      try ledger.riskObjects(in: later, limit: 9).map { "\($0.riskObject) \($0.score)" } == [
        "carol 90", "bob 20", "alice 0",
      ]
    )
    #expect(try ledger.riskObjects(in: RiskPeriod(namespace: "a"), limit: 9).map(\.events) == [1])
    #expect(try ledger.riskObjects(in: RiskPeriod(riskObject: "bob"), limit: 9).map(\.score) == [20])
  }

  @Test(arguments: LedgerStore.all)
  func `the overview adds up, with every stretch of time`(store: LedgerStore) throws {
    let empty = try ledger(store, []).overview(of: RiskPeriod(), bucketsMax: 10)
    #expect(empty == RiskOverview())
    let ledger = try ledger(
      store,
      [
        try .sample("1", at: 0, namespace: "a", decision: .deny),
        try .sample("2", at: 1, introduced: false, namespace: "b"),
        try .sample("3", at: 5 * hour, by: "bob", uid: "u3", namespace: "b", decision: .allow),
      ]
    )
    let overview = try ledger.overview(of: RiskPeriod(), bucketsMax: 10)
    #expect(overview.score == 98)
    #expect(overview.counted == 2)
    #expect(overview.riskObjects == 2)
    #expect([overview.decisions.allowed, overview.decisions.warned, overview.decisions.denied] == [1, 1, 1])
    #expect(overview.namespaces.map(\.key) == ["b", "a"])
    #expect(overview.namespaces.map(\.score) == [49, 49])
    #expect(overview.namespaces.map(\.decisions.total) == [2, 1])
    #expect(overview.bucketSeconds == 3_600)
    #expect(overview.timeline.map(\.key) == (0...5).map { moment($0 * hour) })
    #expect(overview.timeline.map(\.decisions.total) == [2, 0, 0, 0, 0, 1])
    #expect(overview.timeline.map(\.score) == [49, 0, 0, 0, 0, 49])
  }

  @Test(arguments: LedgerStore.all)
  func `stretches of time before 1970 are as wide as those after`(store: LedgerStore) throws {
    let minute: Int64 = 60_000_000
    let times = [-2 * minute, -minute - 1, -minute, -1, 0, minute - 1, minute]
    let events = try times.map { time in
      var event = try RiskEvent.sample("\(time)", uid: "\(time)")
      event.time = Timestamp(microseconds: time)
      return event
    }
    let overview = try ledger(store, events).overview(of: RiskPeriod(), bucketsMax: 100)
    #expect(overview.bucketSeconds == 60)
    #expect(overview.timeline.map(\.key.microseconds) == [-2, -1, 0, 1].map { $0 * minute })
    #expect(overview.timeline.map(\.decisions.total) == [2, 2, 2, 1])
    #expect(overview.timeline.map(\.score) == [98, 98, 98, 49])
  }

  @Test(arguments: LedgerStore.all, [1, 2, 7, 60, 200])
  func `a timeline has no more stretches than wanted, however long it is`(store: LedgerStore, bucketsMax: Int) throws {
    for span in [0, 1, hour, 30 * day, 3_000 * day] {
      let ledger = try ledger(store, try charges([-span, 0]))
      let timeline = try ledger.overview(of: RiskPeriod(), bucketsMax: bucketsMax).timeline
      #expect(timeline.count <= max(2, bucketsMax))
      #expect(timeline.map(\.decisions.total).reduce(0, +) == (span == 0 ? 1 : 2))
    }
  }
}

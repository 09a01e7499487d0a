// Which events count, told of every ledger.

import Evaluation
import RiskLedger
import TestSupport
import Testing

@Suite struct CountingTests {
  @Test(arguments: LedgerStore.all)
  func `the same attachment counts again exactly one window later`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let times: [Int64] = [0, 1, day - 1, day, day + 1, 2 * day - 1, 2 * day]
    let recorded = try times.map { try ledger.append([.sample("\($0)", at: $0)])[0].counted }
    #expect(recorded == [true, false, false, true, false, false, true])
  }

  @Test(arguments: LedgerStore.all)
  func `an earlier event that arrives late does not count beside a later one that counted`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let times: [Int64] = [0, -1, -day + 1, -day, -day - 1]
    let recorded = try times.map { try ledger.append([.sample("\($0)", at: $0)])[0].counted }
    #expect(recorded == [true, false, false, true, false])
  }

  @Test(arguments: LedgerStore.all)
  func `an event that did not count does not keep others from counting`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    // 20 h is swallowed by 0 h; 30 h is a window after 0 h, though not after 20 h.
    let recorded = try [0, 20, 30].map { try ledger.append([.sample("\($0)", at: $0 * hour)])[0].counted }
    #expect(recorded == [true, false, true])
  }

  @Test(arguments: LedgerStore.all)
  func `what was there before and what has no score does not count`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let recorded = try ledger.append([
      try .sample("old", introduced: false), try .sample("mirror", score: 0), try .sample("new"),
    ])
    #expect(recorded.map(\.counted) == [false, false, true])
  }

  @Test(arguments: LedgerStore.all)
  func `another user, object or place counts for itself`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let recorded = try ledger.append([
      try .sample("1"), try .sample("2", by: "bob"), try .sample("3", uid: "uid-2"),
      try .sample("4", pointer: "/spec/template/spec/hostNetwork"), try .sample("5", by: "Alice"),
    ])
    #expect(recorded.map(\.counted) == [true, true, true, true, true])
  }

  @Test(arguments: LedgerStore.all)
  func `an object is its uid whatever its name is`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let recorded = try ledger.append([
      try .sample("1", uid: "u", name: "a"), try .sample("2", uid: "u", namespace: "n", name: "b"),
    ])
    #expect(recorded.map(\.counted) == [true, false])
  }

  @Test(arguments: LedgerStore.all)
  func `an object without uid is its kind, namespace and name`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    var otherKind = try RiskEvent.sample("5", uid: "")
    otherKind.groupVersionKind.kind = "DaemonSet"
    var otherVersion = try RiskEvent.sample("6", uid: "")
    otherVersion.groupVersionKind.version = "v1beta1"
    let recorded = try ledger.append([
      try .sample("1", uid: ""), try .sample("2", uid: ""), try .sample("3", uid: "", namespace: "other"),
      try .sample("4", uid: "", name: "other"), otherKind, otherVersion,
    ])
    #expect(recorded.map(\.counted) == [true, false, true, true, true, false])
  }

  /// Two months of events in any order of arrival.
  @Test(arguments: LedgerStore.all, [1, 2, 3, 4, 5] as [UInt64])
  func `counted events are a window apart and every other one is near a counted one`(
    store: LedgerStore,
    seed: UInt64
  ) throws {
    var generator = SeededGenerator(seed: seed)
    let ledger = try store.make().open()
    for index in 0..<300 {
      _ = try ledger.append([.sample("\(index)", at: Int64.random(in: 0..<60 * day, using: &generator))])
    }
    let recorded = try ledger.events(matching: RiskEventQuery())
    let counted = recorded.filter(\.counted).map(\.event.time.microseconds)
    #expect(recorded.count == 300)
    #expect(zip(counted, counted.dropFirst()).allSatisfy { $1 - $0 >= day }, "seed \(seed)")
    for event in recorded where !event.counted {
      #expect(
        counted.contains { abs($0 - event.event.time.microseconds) < day },
        "seed \(seed), event \(event.event.id)"
      )
    }
  }

  /// Few ids and few objects, so that repetitions and windows meet.
  @Test(arguments: LedgerStore.all, Array(1...12) as [UInt64])
  func `any sequence of batches gives the ledger that a simple model gives`(store: LedgerStore, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let shared = try store.make()
    var ledger = try shared.open()
    var model = ModelLedger()
    for _ in 0..<60 {
      // Sometimes go on with a new ledger on the same store, as after a restart.
      if Int.random(in: 0..<10, using: &generator) == 0 { ledger = try shared.open() }
      let batch = try (0..<Int.random(in: 0...6, using: &generator)).map { _ in try randomEvent(&generator) }
      #expect(try ledger.append(batch) == model.append(batch), "seed \(seed)")
    }
    #expect(try ledger.events(matching: RiskEventQuery()) == model.events(), "seed \(seed)")
  }

  private func randomEvent(_ generator: inout SeededGenerator) throws -> RiskEvent {
    try .sample(
      "id-\(Int.random(in: 0..<150, using: &generator))",
      at: Int64.random(in: 0..<20, using: &generator) * (day / 4) + Int64.random(in: -1...1, using: &generator),
      by: ["alice", "bob"].randomElement(using: &generator) ?? "",
      score: [0, 49, 49, 49].randomElement(using: &generator) ?? 0,
      introduced: Int.random(in: 0..<4, using: &generator) > 0,
      uid: ["", "uid-1", "uid-2"].randomElement(using: &generator) ?? "",
      name: ["web", "db"].randomElement(using: &generator) ?? ""
    )
  }
}

/// The contract in a dozen lines, as slow as it likes.
private struct ModelLedger {
  private var recorded: [RecordedRiskEvent] = []

  mutating func append(_ events: [RiskEvent]) -> [RecordedRiskEvent] {
    events.map { event in
      if let stored = recorded.first(where: { $0.event.id == event.id }) { return stored }
      let isRepeated = recorded.contains { other in
        other.counted && other.event.riskObject == event.riskObject
          && other.event.attachment.pointer == event.attachment.pointer
          && isSameObject(other.event, event) && abs(other.event.time.microseconds - event.time.microseconds) < day
      }
      let isEligible = event.introduced && event.riskScore > 0
      recorded.append(RecordedRiskEvent(event: event, counted: isEligible && !isRepeated))
      return recorded[recorded.count - 1]
    }
  }

  func events() -> [RecordedRiskEvent] {
    recorded.sorted { ($0.event.time, $0.event.id) < ($1.event.time, $1.event.id) }
  }

  private func isSameObject(_ left: RiskEvent, _ right: RiskEvent) -> Bool {
    if !left.objectUID.isEmpty || !right.objectUID.isEmpty { return left.objectUID == right.objectUID }
    return left.namespace == right.namespace && left.name == right.name
      && left.groupVersionKind.kind == right.groupVersionKind.kind
  }
}

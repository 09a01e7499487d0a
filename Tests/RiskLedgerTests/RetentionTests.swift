// How long events are kept, told of every ledger.

import Evaluation
import RiskLedger
import TestSupport
import Testing

@Suite struct RetentionTests {
  private let week = LedgerRetention(keepSeconds: 7 * 86_400)

  private func moment(_ microseconds: Int64) -> Timestamp { Timestamp(microseconds: noon.microseconds + microseconds) }

  private func kind(_ kind: String, _ event: RiskEvent) -> RiskEvent {
    var event = event
    event.groupVersionKind = GroupVersionKind(group: kind == "Pod" ? "" : "apps", version: "v1", kind: kind)
    return event
  }

  private func ids(_ ledger: any RiskLedger) throws -> [String] {
    try ledger.events(matching: RiskEventQuery()).map(\.event.id)
  }

  @Test(arguments: LedgerStore.all)
  func `what is old goes, some at a time, and what may own pods stays longer`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    _ = try ledger.append(
      try (0..<10).map { kind("Pod", try .sample("pod-\($0)", at: $0 * day, uid: "p\($0)")) } + [
        kind("Deployment", try .sample("created", at: 0, uid: "d")),
        kind("Deployment", try .sample("updated", at: 1, introduced: false, uid: "d")),
      ]
    )
    // A week before the tenth day is the third.
    let first = try ledger.prune(week, at: moment(10 * day), after: nil, limit: 2)
    #expect(first.deletedCount == 1, "created and pod-0 are looked at")
    let second = try ledger.prune(week, at: moment(10 * day), after: first.next, limit: 10)
    #expect(second == PruningStep(deletedCount: 3, next: nil))
    #expect(try ledger.prune(week, at: moment(10 * day), by: 10) == 0)
    #expect(try ids(ledger) == ["created", "pod-3", "pod-4", "pod-5", "pod-6", "pod-7", "pod-8", "pod-9"])
    #expect(try ledger.prune(week, at: moment(28 * day + 1), by: 100) == 8)
    #expect(try ids(ledger).isEmpty)
  }

  @Test(arguments: LedgerStore.all)
  func `whoever is charged for the pods of old workloads stays known`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    func pod(_ id: String, at microseconds: Int64) throws -> RiskEvent {
      var event = kind(
        "Pod",
        try .sample(id, at: microseconds, by: "system:serviceaccount:kube-system:daemon-set-controller", uid: id)
      )
      event.owner = OwnerReference(apiVersion: "apps/v1", kind: "DaemonSet", name: "web", uid: "d")
      return event
    }
    _ = try ledger.append([kind("DaemonSet", try .sample("root", uid: "d"))])
    for age in stride(from: day, through: 100 * day, by: Int(5 * day)) {
      let recorded = try ledger.append([pod("pod-\(age)", at: age)])[0]
      #expect(recorded.event.riskObject == "alice")
      _ = try ledger.prune(week, at: moment(age), by: 3)
    }
    #expect(try ledger.events(matching: RiskEventQuery(limit: 1)).map(\.event.id) == ["root"])
  }

  @Test(arguments: LedgerStore.all)
  func `a sequence number is never used again`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    _ = try ledger.append([kind("Pod", try .sample("1")), kind("Pod", try .sample("2", at: -1, uid: "2"))])
    #expect(try ledger.prune(week, at: moment(30 * day), by: 10) == 2)
    _ = try ledger.append([try .sample("3", at: 5), try .sample("4", at: 4, uid: "4")])
    let recorded = try ledger.events(matching: RiskEventQuery(order: .recorded))
    #expect(recorded.map(\.event.id) == ["3", "4"])
    #expect(try ledger.events(matching: RiskEventQuery(order: .latestFirst)).map(\.event.id) == ["3", "4"])
  }

  @Test(.timeLimit(.minutes(1)), arguments: LedgerStore.all)
  func `a writer prunes when it has nothing to write`(store: LedgerStore) throws {
    let shared = try store.make()
    _ = try shared.open().append(try (0..<1_200).map { kind("Pod", try .sample("\($0)", at: $0, uid: "\($0)")) })
    let now = moment(30 * day)
    let pruning = LedgerPruning(week, now: { now }, notify: { Issue.record("\($0)") })
    let writer = try LedgerWriter(pruning: pruning, observer: { _ in }) { () throws(LedgerError) in try shared.open() }
    defer { writer.close() }
    let outcomes = Outcomes<Result<Void, LedgerError>>()
    let late = try RiskEvent.sample("late", at: 30 * day)
    while try ids(shared.open()).count > 1 {
      writer.submit([late]) { outcomes.append($0) }
      #expect(try outcomes.waiting(for: outcomes.all.count + 1).last?.get() != nil)
    }
    #expect(try ids(shared.open()) == ["late"])
  }
}

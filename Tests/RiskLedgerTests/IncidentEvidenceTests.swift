// What an incident is made of, told of every ledger.

import Evaluation
import RiskLedger
import TestSupport
import Testing

@Suite struct IncidentEvidenceTests {
  private static let controller = "system:serviceaccount:kube-system:replicaset-controller"
  private let minute: Int64 = 60_000_000

  /// A Deployment.
  private func charge(_ id: String, at time: Int64, namespace: String = "shop") throws -> RiskEvent {
    try .sample(id, at: time, uid: id, namespace: namespace, name: id)
  }

  /// A pod that a controller derived from a Deployment.
  private func pod(_ id: String, at time: Int64, of root: String, namespace: String = "shop") throws -> RiskEvent {
    var event = try RiskEvent.sample(id, at: time, by: Self.controller, uid: id, namespace: namespace, name: id)
    event.groupVersionKind = GroupVersionKind(group: "", version: "v1", kind: "Pod")
    event.owner = OwnerReference(apiVersion: "apps/v1", kind: "Deployment", name: root, uid: root)
    return event
  }

  private func moment(_ microseconds: Int64) -> Timestamp { Timestamp(microseconds: noon.microseconds + microseconds) }

  /// Three Deployments of alice in two hours, the third of which is too much, and pods of each right after it and later.
  private func events() throws -> [RiskEvent] {
    try [
      charge("a", at: 0), pod("a1", at: minute, of: "a"),
      charge("b", at: hour, namespace: "bank"), pod("b1", at: hour + minute, of: "b", namespace: "bank"),
      charge("c", at: 2 * hour), pod("c1", at: 2 * hour + 1, of: "c"), pod("c2", at: 2 * hour + minute, of: "c"),
      pod("b2", at: 3 * hour, of: "b", namespace: "bank"), pod("a2", at: 26 * hour, of: "a"),
      pod("a3", at: 26 * hour + 1, of: "a"),
    ]
  }

  private func incident(
    _ store: LedgerStore,
    _ events: [RiskEvent],
    _ period: RiskPeriod = RiskPeriod(),
    threshold score: Int = 100,
    limit: Int = 100
  ) throws -> RiskIncident {
    let ledger = try store.make().open()
    _ = try ledger.append(events)
    var threshold = RiskThreshold()
    threshold.score = score
    let incidents = try ledger.incidents(in: period, threshold, evidenceMax: limit)
    #expect(incidents.count == 1)
    return try #require(incidents.first)
  }

  private func ids(_ incident: RiskIncident) -> String { incident.evidence.map(\.event.id).joined(separator: " ") }

  @Test(arguments: LedgerStore.all)
  func `what controllers derive from a charge is evidence until a window after the last charge`(
    store: LedgerStore
  ) throws {
    let incident = try incident(store, try events())
    #expect(ids(incident) == "a a1 b b1 c c1 c2 b2 a2")
    #expect(incident.events == 9)
    #expect(incident.namespaces == ["bank", "shop"])
    #expect(incident.evidenceLeftOut == 0)
    #expect(incident.until == moment(2 * hour))
    #expect(incident.counted == 3)
  }

  @Test(arguments: LedgerStore.all)
  func `a window is that of the threshold`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    _ = try ledger.append(try events())
    var threshold = RiskThreshold()
    threshold.windowSeconds = 2 * 3_600 + 60
    let incident = try #require(try ledger.incidents(in: RiskPeriod(), threshold, evidenceMax: 100).first)
    #expect(ids(incident) == "a a1 b b1 c c1 c2 b2")
    #expect(incident.events == 8)
  }

  /// A fourth workload that is too late for the incident, a repetition, and other people's.
  @Test(arguments: LedgerStore.all)
  func `what comes after the last charge from anything else is no evidence`(store: LedgerStore) throws {
    var bob = try RiskEvent.sample("bob", at: 2 * hour + 2, by: "bob", uid: "bob")
    bob.namespace = "bob"
    let others = try [
      charge("late", at: 26 * hour - minute), pod("late1", at: 26 * hour - 1, of: "late"),
      .sample("again", at: 2 * hour + 3, introduced: false, uid: "c"), bob, pod("bob1", at: 2 * hour + 4, of: "bob"),
    ]
    // The fourth within a day of the third alone: two of them are not too much.
    let incident = try incident(store, try events() + others)
    #expect(ids(incident) == "a a1 b b1 c c1 c2 b2 a2")
    #expect(incident.events == 9)
    #expect(incident.namespaces == ["bank", "shop"])
  }

  @Test(arguments: LedgerStore.all)
  func `charges come before what was derived, and the earlier before the later`(store: LedgerStore) throws {
    let lists = try (0...9).map { ids(try incident(store, try events(), limit: $0)) }
    #expect(
      lists == [
        "", "a", "a b", "a b c", "a a1 b c", "a a1 b b1 c", "a a1 b b1 c c1", "a a1 b b1 c c1 c2",
        "a a1 b b1 c c1 c2 b2",
        "a a1 b b1 c c1 c2 b2 a2",
      ]
    )
    let cut = try incident(store, try events(), limit: 4)
    #expect(cut.events == 9)
    #expect(cut.evidenceLeftOut == 5)
  }

  @Test(arguments: LedgerStore.all)
  func `evidence is of the namespace and of the period that were asked for`(store: LedgerStore) throws {
    let shop = try incident(store, try events(), RiskPeriod(namespace: "shop"), threshold: 60)
    #expect(ids(shop) == "a a1 c c1 c2 a2")
    #expect(shop.events == 6)
    #expect(shop.namespaces == ["shop"])
    #expect(shop.counted == 2)
    let early = try incident(store, try events(), RiskPeriod(until: moment(3 * hour)))
    #expect(ids(early) == "a a1 b b1 c c1 c2")
    #expect(early.events == 7)
    let alice = try incident(store, try events(), RiskPeriod(since: moment(0), riskObject: "alice"))
    #expect(alice.events == 9)
  }
}

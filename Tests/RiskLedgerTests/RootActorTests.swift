// Who is charged for what controllers make, told of every ledger and of every order in which events may come.

import Evaluation
import RiskLedger
import TestSupport
import Testing

@Suite struct RootActorTests {
  private static let deploymentController = "system:serviceaccount:kube-system:deployment-controller"
  private static let replicaSetController = "system:serviceaccount:kube-system:replicaset-controller"

  /// An event of an object that a controller derived from another, `owner`.
  private func derived(
    _ id: String,
    at microseconds: Int64,
    from owner: OwnerReference,
    kind: String = "Pod",
    uid: String,
    name: String = "web"
  ) throws -> RiskEvent {
    var event = try RiskEvent.sample(id, at: microseconds, by: Self.replicaSetController, uid: uid, name: name)
    event.groupVersionKind = GroupVersionKind(group: kind == "Pod" ? "" : "apps", version: "v1", kind: kind)
    event.attachment.pointer = kind == "Pod" ? "/spec/hostNetwork" : "/spec/template/spec/hostNetwork"
    event.owner = owner
    return event
  }

  private func owner(_ kind: String, _ uid: String, name: String = "web") -> OwnerReference {
    OwnerReference(apiVersion: "apps/v1", kind: kind, name: name, uid: uid)
  }

  /// A Deployment of alice, a rollout, a scale, and what controllers make of them.
  private func sequence() throws -> [RiskEvent] {
    func pods(_ count: Int, of replicaSet: String, at start: Int64) throws -> [RiskEvent] {
      try (0..<count).map { number in
        try derived(
          "\(replicaSet)-\(start)-\(number)",
          at: start + Int64(number) * 20_000,
          from: owner("ReplicaSet", replicaSet),
          uid: "\(replicaSet)-\(start)-\(number)"
        )
      }
    }
    var events = [try RiskEvent.sample("deployment", uid: "d")]
    events.append(try derived("rs1", at: 30_000, from: owner("Deployment", "d"), kind: "ReplicaSet", uid: "r1"))
    events += try pods(50, of: "r1", at: 60_000)
    events.append(try .sample("rollout", at: 5 * hour, introduced: false, uid: "d"))
    events.append(
      try derived("rs2", at: 5 * hour + 9_000, from: owner("Deployment", "d"), kind: "ReplicaSet", uid: "r2")
    )
    events += try pods(50, of: "r2", at: 5 * hour + 12_000)
    // Days later it is scaled, which is a request about another kind, without attachments.
    events += try pods(10, of: "r2", at: 9 * day)
    return events
  }

  private func charges(_ ledger: any RiskLedger) throws -> [String: Int] {
    try ledger.events(matching: RiskEventQuery()).filter(\.counted)
      .reduce(into: [:]) { $0[$1.event.riskObject, default: 0] += $1.event.riskScore }
  }

  @Test(arguments: LedgerStore.all)
  func `a Deployment with all its pods, a rollout and a scale charges its author once`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    for event in try sequence() {
      let recorded = try ledger.append([event])[0]
      #expect(recorded.event.riskObject == "alice")
      #expect(recorded.counted == (event.id == "deployment"))
      #expect(recorded.event.riskMessage == "Kubernetes pod with host network attachment from user alice.")
    }
    #expect(try charges(ledger) == ["alice": 49])
    let evidence = try ledger.events(matching: RiskEventQuery(RiskPeriod(riskObject: "alice")))
    #expect(evidence.count == 114)
    #expect(evidence.count { $0.event.rootEvent == "deployment" } == 112)
    #expect(evidence.count { $0.event.rootActor == .known } == 112)
    #expect(Set(evidence.map(\.event.requester)) == ["alice", Self.replicaSetController])
  }

  @Test(arguments: LedgerStore.all, 0..<12 as Range<UInt64>)
  func `in any order and in any batches the outcome is the same`(store: LedgerStore, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let shared = try store.make()
    let ledgers = try (0..<2).map { _ in try shared.open() }
    var rest = try sequence().shuffled(using: &generator)[...]
    while !rest.isEmpty {
      let batch = rest.prefix(Int.random(in: 1...30, using: &generator))
      rest = rest.dropFirst(batch.count)
      // Some come twice, and from either of two servers.
      _ = try ledgers[Int.random(in: 0...1, using: &generator)].append(Array(batch) + Array(batch.prefix(2)))
    }
    let expected = try store.make().open()
    _ = try expected.append(try sequence())
    #expect(
      try ledgers[0].events(matching: RiskEventQuery()) == expected.events(matching: RiskEventQuery()),
      "seed \(seed)"
    )
  }

  @Test(arguments: LedgerStore.all)
  func `two servers at once charge the author once`(store: LedgerStore) async throws {
    let shared = try store.make()
    let events = try sequence()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for server in 0..<2 {
        group.addTask {
          let ledger = try shared.open()
          for event in events.enumerated().filter({ $0.offset % 2 == server }) {
            _ = try ledger.append([event.element])
          }
        }
      }
      try await group.waitForAll()
    }
    let ledger = try shared.open()
    #expect(try charges(ledger) == ["alice": 49])
    #expect(try ledger.events(matching: RiskEventQuery(RiskPeriod(riskObject: "alice"))).count == 114)
  }

  @Test(arguments: LedgerStore.all)
  func `where the root is not known the requester is charged, and it is said`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let pod = try derived("pod", at: 0, from: owner("ReplicaSet", "r"), uid: "p")
    let recorded = try ledger.append([pod])[0]
    #expect(recorded.event == pod)
    #expect(recorded.event.rootActor == .unknown)
    #expect(recorded.counted)
    // A ReplicaSet of which it is not known either whose it is.
    _ = try ledger.append([derived("rs", at: -1, from: owner("Deployment", "d"), kind: "ReplicaSet", uid: "r")])
    #expect(try charges(ledger) == [Self.replicaSetController: 98])
    // What says it at last comes late.
    _ = try ledger.append([.sample("deployment", at: -2, uid: "d")])
    #expect(try charges(ledger) == ["alice": 49])
    #expect(try ledger.events(matching: RiskEventQuery()).map(\.event.rootEvent) == [nil, "deployment", "deployment"])
  }

  @Test(arguments: LedgerStore.all)
  func `whoever attached the pods last is charged for those that come then`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    _ = try ledger.append([
      try .sample("alice", uid: "d"),
      try derived("first", at: hour, from: owner("Deployment", "d"), kind: "ReplicaSet", uid: "r1"),
      try derived("second", at: 3 * hour, from: owner("Deployment", "d"), kind: "ReplicaSet", uid: "r2"),
      try derived("pod", at: 4 * hour, from: owner("ReplicaSet", "r2"), uid: "p"),
      // She had taken it away, and he put it back.
      try .sample("bob", at: 2 * hour, by: "bob", uid: "d"),
      try .sample("label", at: 2 * hour + 1, by: "carol", introduced: false, uid: "d"),
    ])
    let roots = try ledger.events(matching: RiskEventQuery()).map { "\($0.event.id):\($0.event.riskObject)" }
    #expect(roots == ["alice:alice", "first:alice", "bob:bob", "label:carol", "second:bob", "pod:bob"])
    #expect(try charges(ledger) == ["alice": 49, "bob": 49])
  }

  @Test(arguments: LedgerStore.all)
  func `a log without uids is followed by name`(store: LedgerStore) throws {
    let root = try RiskEvent.sample("deployment", uid: "")
    let replicaSet = try derived(
      "rs",
      at: 1,
      from: owner("Deployment", "d"),
      kind: "ReplicaSet",
      uid: "",
      name: "web-1"
    )
    let pod = try derived("pod", at: 2, from: owner("ReplicaSet", "r", name: "web-1"), uid: "", name: "")
    for events in [[root, replicaSet, pod], [pod, replicaSet, root], [replicaSet, pod, root]] {
      let ledger = try store.make().open()
      for event in events { _ = try ledger.append([event]) }
      #expect(try charges(ledger) == ["alice": 49])
    }
  }

  @Test(arguments: LedgerStore.all)
  func `owners in a circle end nowhere`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    _ = try ledger.append([
      try derived("a", at: 0, from: owner("ReplicaSet", "b"), kind: "ReplicaSet", uid: "a"),
      try derived("b", at: 0, from: owner("ReplicaSet", "a"), kind: "ReplicaSet", uid: "b"),
      try derived("self", at: 0, from: owner("ReplicaSet", "self"), kind: "ReplicaSet", uid: "self"),
    ])
    #expect(try ledger.events(matching: RiskEventQuery()).allSatisfy { $0.event.rootActor == .unknown })
  }

  /// bob's Deployment, his rollout, and what alice sent of that name; of hers only the name is known.
  private func rivals(stored: Bool) throws -> [RiskEvent] {
    var refused = try RiskEvent.sample("alice", at: 2, uid: "")
    refused.stored = stored
    return [
      try .sample("bob", at: 1, by: "bob", uid: "d"), refused,
      try derived("rs", at: 3, from: owner("Deployment", "d"), kind: "ReplicaSet", uid: "r", name: "web-1"),
      try derived("pod", at: 4, from: owner("ReplicaSet", "r", name: "web-1"), uid: "p"),
    ]
  }

  private func permutations(_ events: [RiskEvent]) -> [[RiskEvent]] {
    guard events.count > 1 else { return [events] }
    return events.indices.flatMap { place in
      var rest = events
      let event = rest.remove(at: place)
      return permutations(rest).map { [event] + $0 }
    }
  }

  /// Who is charged for what, after events that come one at a time.
  private func riskObjects(_ store: LedgerStore, _ events: [RiskEvent]) throws -> [String] {
    let ledger = try store.make().open()
    for event in events { _ = try ledger.append([event]) }
    return try ledger.events(matching: RiskEventQuery()).map { "\($0.event.id):\($0.event.riskObject)" }
  }

  @Test(arguments: LedgerStore.all, [true, false])
  func `an owner known by uid goes before one known by name, in any order`(store: LedgerStore, stored: Bool) throws {
    for events in permutations(try rivals(stored: stored)) {
      #expect(
        try riskObjects(store, events) == ["bob:bob", "alice:alice", "rs:bob", "pod:bob"],
        "\(events.map(\.id))"
      )
    }
  }

  @Test(arguments: LedgerStore.all)
  func `nothing is derived from a request that was refused, which counts all the same`(store: LedgerStore) throws {
    for events in permutations(Array(try rivals(stored: false).dropFirst())) {
      let ledger = try store.make().open()
      for event in events { _ = try ledger.append([event]) }
      let recorded = try ledger.events(matching: RiskEventQuery())
      #expect(recorded.map(\.event.rootActor) == [.requester, .unknown, .unknown])
      #expect(recorded.map(\.event.stored) == [false, true, true])
      #expect(recorded.map(\.counted) == [true, true, true])
    }
    // The same with an object that the log tells by its uid.
    var denied = try RiskEvent.sample("alice", at: 2, uid: "d")
    denied.stored = false
    let rest = try rivals(stored: false)
    #expect(try riskObjects(store, [rest[0], denied, rest[2]]) == ["bob:bob", "alice:alice", "rs:bob"])
    #expect(try riskObjects(store, [rest[0], rest[2], denied]) == ["bob:bob", "alice:alice", "rs:bob"])
  }
}

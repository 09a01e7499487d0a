// What an import makes of an export, told of every ledger.

import Evaluation
import RiskLedger
import TestSupport
import Testing

@Suite struct ImportTests {
  private static let controller = "system:serviceaccount:kube-system:replicaset-controller"

  /// An object that a controller derived from another.
  private func derived(_ id: String, at time: Int64, kind: String, from owner: (kind: String, id: String)) throws
    -> RiskEvent
  {
    var event = try RiskEvent.sample(id, at: time, by: Self.controller, uid: id, name: id)
    event.groupVersionKind = GroupVersionKind(group: kind == "Pod" ? "" : "apps", version: "v1", kind: kind)
    event.owner = OwnerReference(apiVersion: "apps/v1", kind: owner.kind, name: owner.id, uid: owner.id)
    return event
  }

  /// A Deployment of alice, its ReplicaSet and its pods, and a pod of which nobody knows whose it is.
  private func events() throws -> [RiskEvent] {
    try [
      .sample("d", at: 0, uid: "d", name: "d"), derived("rs", at: 1, kind: "ReplicaSet", from: ("Deployment", "d")),
      derived("pod1", at: 2, kind: "Pod", from: ("ReplicaSet", "rs")),
      derived("pod2", at: 3, kind: "Pod", from: ("ReplicaSet", "rs")),
      derived("stray", at: 4, kind: "Pod", from: ("ReplicaSet", "other")),
    ]
  }

  /// The lines that `risk export` writes of what a ledger has in a period.
  private func export(_ ledger: any RiskLedger, since time: Int64? = nil) throws -> [UInt8] {
    let since = time.map { Timestamp(microseconds: noon.microseconds + $0) }
    return try ledger.events(matching: RiskEventQuery(RiskPeriod(since: since), order: .recorded)).flatMap(\.line)
  }

  private func take(_ lines: [UInt8], into ledger: any RiskLedger) throws {
    var transfer = RiskEventImport(into: ledger)
    try transfer.add(lines[...])
    try transfer.finish()
  }

  /// A ledger with all events, and the lines of those from a moment on.
  private func exported(_ store: LedgerStore, since time: Int64?) throws -> [UInt8] {
    let ledger = try store.make().open()
    _ = try ledger.append(try events())
    return try export(ledger, since: time)
  }

  /// What a ledger tells of its events, by time and in the same words by who is charged.
  private func told(_ ledger: any RiskLedger) throws -> [String] {
    let all = try ledger.events(matching: RiskEventQuery())
    for (user, events) in Dictionary(grouping: all, by: \.event.riskObject) {
      #expect(try ledger.events(matching: RiskEventQuery(RiskPeriod(riskObject: user))) == events)
    }
    return all.map { recorded in
      let event = recorded.event
      return "\(event.id) \(event.riskObject) \(event.rootEvent ?? "-") \(event.rootActor) \(recorded.counted)"
    }
  }

  private static let stray = "stray \(controller) - unknown true"
  private static let ofAlice = [
    "rs alice d known false", "pod1 alice d known false", "pod2 alice d known false", stray,
  ]

  @Test(arguments: LedgerStore.all, [1, 2, 3] as [Int64])
  func `where the ledger finds no root, that of the export stands`(store: LedgerStore, since: Int64) throws {
    let lines = try exported(store, since: since)
    let ledger = try store.make().open()
    for _ in 0..<2 {
      try take(lines, into: ledger)
      #expect(try told(ledger) == Array(Self.ofAlice.dropFirst(Int(since) - 1)))
    }
    #expect(try export(ledger) == lines)
    #expect(try ledger.riskObjects(in: RiskPeriod(), limit: 9).map(\.score).reduce(0, +) == 49)
    let message = "Kubernetes pod with host network attachment from user alice."
    #expect(
      try ledger.events(matching: RiskEventQuery(RiskPeriod(riskObject: "alice"))).allSatisfy {
        $0.event.riskMessage == message
      }
    )
  }

  @Test(arguments: LedgerStore.all)
  func `all of a ledger comes to the same, in the order of recording and in any`(store: LedgerStore) throws {
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 1, 4, 3]] {
      let first = try store.make().open()
      for place in order { _ = try first.append([try events()[place]]) }
      let lines = try export(first)
      let second = try store.make().open()
      for _ in 0..<2 {
        try take(lines, into: second)
        #expect(try export(second) == lines)
      }
      #expect(try told(second) == ["d alice - requester true"] + Self.ofAlice)
    }
  }

  @Test(arguments: LedgerStore.all)
  func `a root that the ledger has goes before that of the export, whichever comes first`(store: LedgerStore) throws {
    let lines = try exported(store, since: 1)
    // The ledger knows of carol's request for the same object, and not of alice's.
    let root = try RiskEvent.sample("other", at: 0, by: "carol", uid: "d", name: "d")
    let ofCarol = ["other carol - requester true"] + Self.ofAlice.map { $0.replacing("alice d", with: "carol other") }
    let before = try store.make().open()
    _ = try before.append([root])
    try take(lines, into: before)
    #expect(try told(before) == ofCarol)
    let after = try store.make().open()
    try take(lines, into: after)
    #expect(try after.append([root]).map(\.counted) == [true])
    #expect(try told(after) == ofCarol)
  }

  @Test(arguments: LedgerStore.all)
  func `a root that is given reaches what is derived later`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    try take(try exported(store, since: 1), into: ledger)
    let recorded = try ledger.append([derived("pod3", at: 5, kind: "Pod", from: ("ReplicaSet", "rs"))])
    #expect(recorded.map(\.event.riskObject) == ["alice"])
    #expect(recorded.map(\.event.rootEvent) == ["d"])
    #expect(recorded.map(\.counted) == [false])
  }

  /// The ledger gets to know the ReplicaSet, from elsewhere, but not whose it is.
  @Test(arguments: LedgerStore.all, [true, false])
  func `an owner of whom no root is known takes no root away`(store: LedgerStore, isLate: Bool) throws {
    let ledger = try store.make().open()
    let replicaSet = try derived("rs-again", at: 1, kind: "ReplicaSet", from: ("Deployment", "d"))
    var event = replicaSet
    event.objectUID = "rs"
    let lines = try exported(store, since: 2)
    if !isLate { _ = try ledger.append([event]) }
    try take(lines, into: ledger)
    if isLate { _ = try ledger.append([event]) }
    let unknown = "rs-again \(Self.controller) - unknown true"
    #expect(try told(ledger) == [unknown] + Self.ofAlice.dropFirst())
    // Its root comes at last, and is the one.
    _ = try ledger.append([try .sample("found", at: 0, by: "carol", uid: "d", name: "d")])
    let found = ["found carol - requester true", "rs-again carol found known false"]
    #expect(try told(ledger) == found + Self.ofAlice.dropFirst().map { $0.replacing("alice d", with: "carol found") })
    // A later owner of whom no root is known: back to what the export says.
    var later = try derived("rs-later", at: 2, kind: "ReplicaSet", from: ("Deployment", "unheard"))
    later.objectUID = "rs"
    later.id = "rs-later"
    _ = try ledger.append([later])
    let pods = try told(ledger).filter { $0.hasPrefix("pod") }
    #expect(pods == Self.ofAlice.filter { $0.hasPrefix("pod") })
  }

  @Test(arguments: LedgerStore.all)
  func `an object without an owner is its requester's, whatever a file says`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    var forged = try RiskEvent.sample("forged")
    forged.charge("mallory", rootEvent: "nothing")
    try take(RecordedRiskEvent(event: forged, counted: false).line, into: ledger)
    #expect(try told(ledger) == ["forged alice - requester true"])
  }
}

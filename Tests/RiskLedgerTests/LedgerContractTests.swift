// What every ledger must do, whichever database is behind it.

import Evaluation
import Foundation
import JSONDocument
import RiskLedger
import TestSupport
import Testing

@Suite struct LedgerContractTests {
  @Test(arguments: LedgerStore.all)
  func `what is appended is read back in every field`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    var odd = try RiskEvent.sample("odd/\"id\"\n\u{0}é", by: "o'hara\u{0}\u{1F600}\\", uid: "")
    odd.threatObject = nil
    odd.userGroups = []
    odd.attachment.containers = []
    let events = [try RiskEvent.sample("plain"), odd]
    let recorded = try ledger.append(events)
    #expect(recorded.map(\.event) == events)
    #expect(try ledger.events(matching: RiskEventQuery(RiskPeriod(riskObject: "alice"))) == [recorded[0]])
    #expect(try ledger.events(matching: RiskEventQuery(RiskPeriod(riskObject: odd.riskObject))) == [recorded[1]])
  }

  @Test(arguments: LedgerStore.all)
  func `names of any length are kept and told apart`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let long = String(repeating: "日本/", count: 20_000)
    let events = try ["1", "2"].map { end in
      try RiskEvent.sample(
        "\(long)\(end)",
        by: "\(long)\(end)",
        uid: "",
        name: "\(long)\(end)",
        pointer: "/\(long)\(end)"
      )
    }
    #expect(try ledger.append(events) == events.map { RecordedRiskEvent(event: $0, counted: true) })
    #expect(try ledger.append(events) == events.map { RecordedRiskEvent(event: $0, counted: true) })
    #expect(try ledger.events(matching: RiskEventQuery()).map(\.event.name) == events.map(\.name))
    #expect(try ledger.events(matching: RiskEventQuery(RiskPeriod(riskObject: "\(long)2"))).map(\.event) == [events[1]])
  }

  @Test(arguments: LedgerStore.all)
  func `what is appended is there for another ledger on the same store`(store: LedgerStore) throws {
    let shared = try store.make()
    let writer = try shared.open()
    let reader = try shared.open()
    let recorded = try writer.append([try .sample("1")])
    #expect(try reader.events(matching: RiskEventQuery()) == recorded)
  }

  @Test(arguments: LedgerStore.all)
  func `a second delivery changes nothing and reports what is stored`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let first = try ledger.append([try .sample("1")])
    let other = try RiskEvent.sample("1", at: 3 * day, by: "mallory", uid: "other")
    #expect(try ledger.append([other]) == first)
    #expect(try ledger.append([other, .sample("2", at: 9 * day), other]).map(\.event.id) == ["1", "2", "1"])
    #expect(try ledger.events(matching: RiskEventQuery()).map(\.event.id) == ["1", "2"])
    #expect(try ledger.events(matching: RiskEventQuery(RiskPeriod(riskObject: "mallory"))).isEmpty)
  }

  @Test(arguments: LedgerStore.all)
  func `a repetition within one batch is stored once`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let event = try RiskEvent.sample("1")
    let recorded = try ledger.append([event, event, event])
    #expect(recorded.map(\.counted) == [true, true, true])
    #expect(try ledger.events(matching: RiskEventQuery()).count == 1)
  }

  @Test(arguments: LedgerStore.all)
  func `nothing of a batch is kept when one event cannot be`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    var bad = try RiskEvent.sample("bad")
    bad.time = Timestamp(microseconds: .max)
    let batch = [try RiskEvent.sample("good"), bad]
    #expect {
      try ledger.append(batch)
    } throws: { error in
      guard case LedgerError.unrecordableEvent(id: "bad", _) = error else { return false }
      return true
    }
    #expect(try ledger.events(matching: RiskEventQuery()).isEmpty)
    #expect(try ledger.append([batch[0]]).map(\.counted) == [true])
  }

  @Test(arguments: LedgerStore.all)
  func `the first and the last moment that RFC 3339 can write are kept`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    var first = try RiskEvent.sample("first")
    first.time = Timestamp(microseconds: -62_167_219_200_000_000)
    var last = try RiskEvent.sample("last")
    last.time = Timestamp(microseconds: 253_402_300_799_999_999)
    try #expect(ledger.append([last, first]).map(\.counted) == [true, true])
    #expect(try ledger.events(matching: RiskEventQuery()).map(\.event) == [first, last])
  }

  @Test(arguments: LedgerStore.all)
  func `appending nothing is no error`(store: LedgerStore) throws {
    #expect(try store.make().open().append([]).isEmpty)
  }

  @Test(arguments: LedgerStore.all)
  func `events come by time and then by the bytes of their id`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    let ids = ["b", "a", "Z", "é", "a/1", "10", "9"]
    _ = try ledger.append(
      try ids.map { try .sample($0, at: 5) } + [.sample("later", at: 6), .sample("earlier", at: 4)]
    )
    let sorted = ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    #expect(try ledger.events(matching: RiskEventQuery()).map(\.event.id) == ["earlier"] + sorted + ["later"])
  }

  @Test(arguments: LedgerStore.all)
  func `a query returns what meets all its conditions`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    _ = try ledger.append([
      try .sample("1", at: 1, by: "alice", namespace: "a", decision: .warn),
      try .sample("2", at: 2, by: "bob", namespace: "a", decision: .deny),
      try .sample("3", at: 3, by: "alice", namespace: "b", decision: .deny),
      try .sample("4", at: 4, by: "alice", namespace: "", decision: .allow),
    ])
    func ids(_ query: RiskEventQuery) throws -> String {
      try ledger.events(matching: query).map(\.event.id).joined()
    }
    func moment(_ offset: Int64) -> Timestamp { Timestamp(microseconds: noon.microseconds + offset) }
    #expect(try ids(RiskEventQuery()) == "1234")
    #expect(try ids(RiskEventQuery(RiskPeriod(since: moment(2)))) == "234")
    #expect(try ids(RiskEventQuery(RiskPeriod(until: moment(2)))) == "1")
    #expect(try ids(RiskEventQuery(RiskPeriod(since: moment(2), until: moment(4)))) == "23")
    #expect(try ids(RiskEventQuery(RiskPeriod(since: moment(3), until: moment(3)))) == "")
    #expect(try ids(RiskEventQuery(RiskPeriod(riskObject: "alice"))) == "134")
    #expect(try ids(RiskEventQuery(RiskPeriod(riskObject: "ALICE"))) == "")
    #expect(try ids(RiskEventQuery(RiskPeriod(riskObject: "' OR 1=1 --"))) == "")
    #expect(try ids(RiskEventQuery(RiskPeriod(namespace: "a"))) == "12")
    #expect(try ids(RiskEventQuery(RiskPeriod(namespace: ""))) == "4")
    #expect(try ids(RiskEventQuery(decision: .deny)) == "23")
    #expect(
      try ids(RiskEventQuery(RiskPeriod(since: moment(2), riskObject: "alice", namespace: "b"), decision: .deny)) == "3"
    )
    #expect(try ids(RiskEventQuery(limit: 3)) == "123")
    #expect(try ids(RiskEventQuery(RiskPeriod(riskObject: "alice"), limit: 1)) == "1")
    #expect(try ids(RiskEventQuery(limit: 0)) == "")
    #expect(try ids(RiskEventQuery(limit: -1)) == "")
  }

  @Test(arguments: LedgerStore.all)
  func `reading stops when the reader has enough`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    _ = try ledger.append(try (0..<10).map { try .sample("\($0)", at: $0) })
    var seen: [String] = []
    try ledger.forEachEvent(matching: RiskEventQuery()) { recorded in
      seen.append(recorded.event.id)
      return seen.count < 3
    }
    #expect(seen == ["0", "1", "2"])
    #expect(try ledger.append([.sample("11")]).count == 1, "the ledger can be written after a reader that stopped")
  }

  @Test(arguments: LedgerStore.all)
  func `a ledger in order says that it can be written and keeps nothing by that`(store: LedgerStore) throws {
    let ledger = try store.make().open()
    try ledger.verifyWritable()
    #expect(try ledger.events(matching: RiskEventQuery()).isEmpty)
  }

  @Test(arguments: LedgerStore.all)
  func `ledgers that write at the same time keep every event once`(store: LedgerStore) async throws {
    let shared = try store.make()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let ledger = try shared.open()
          for batch in 0..<25 {
            // Every second id is everybody's.
            _ = try ledger.append([.sample("common-\(batch)", at: Int64(batch)), .sample("\(writer)-\(batch)")])
          }
        }
      }
      try await group.waitForAll()
    }
    let recorded = try shared.open().events(matching: RiskEventQuery())
    #expect(recorded.count == 25 + 4 * 25)
    #expect(recorded.filter(\.counted).count == 1, "all are the same attachment within one window")
  }

  @Test
  func `a recorded event is one JSON object that says whether it counted`() throws {
    var writer = JSONWriter()
    RecordedRiskEvent(event: try .sample("1"), counted: true).write(to: &writer)
    let counted = try JSONParser().withDocument(writer.bytes) { ($0.isTrue("counted"), RiskEvent(json: $0)) }
    #expect(counted.0)
    #expect(try counted.1 == .sample("1"))
  }

  @Test func `whether an object may be stored is read back, and is true where it is not told`() throws {
    func read(_ json: String) throws -> Bool? {
      try JSONParser().withDocument(Array(json.utf8)) { RiskEvent(json: $0)?.stored }
    }
    var event = try RiskEvent.sample("1")
    for stored in [true, false] {
      event.stored = stored
      var writer = JSONWriter()
      event.write(to: &writer)
      let json = String(decoding: writer.bytes, as: UTF8.self)
      #expect(try read(json) == stored)
      #expect(try read(json.replacing(#""stored":\#(stored),"#, with: "")) == true)
    }
  }
}

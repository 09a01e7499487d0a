// Events that are larger than anybody reads.

import Evaluation
import Foundation
import RiskLedger
import TestSupport
import Testing

@Suite struct LargeEventTests {
  /// Characters that take six bytes each in JSON: in all eight places more than a parser takes of a request.
  private static let text = String(repeating: "\u{1}", count: 160 << 10)

  /// Everything that somebody can make large, as large as a request allows and larger.
  private func large(_ id: String, at time: Int64 = 0) throws -> RiskEvent {
    var event = try RiskEvent.sample("\(id):\(Self.text)", at: time, uid: "", namespace: Self.text, name: Self.text)
    event.attachment.pointer = Self.text
    event.attachment.field = Self.text
    event.attachment.containers = Array(
      repeating: HostNetworkAttachment.Container(name: "c", image: String(repeating: "\u{1}", count: 512)),
      count: 100
    )
    event.attachment.hostPorts = (0..<100).map { "\($0)/\(String(repeating: "\u{1}", count: 500))" }
    event.userGroups = (0..<100).map { "\($0)\(String(repeating: "\u{1}", count: 500))" }
    event.requestUID = Self.text
    event.threatObject = Self.text
    let short = String(repeating: "\u{1}", count: 512)
    event.owner = OwnerReference(apiVersion: short, kind: short, name: short, uid: short)
    event.policyRevision = short
    event.exemption = short
    event.groupVersionKind = GroupVersionKind(group: short, version: short, kind: short)
    (event.operation, event.subresource, event.riskObjectType) = (short, short, short)
    return event
  }

  @Test(arguments: LedgerStore.all)
  func `an event too large to be read back is kept with its texts cut`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let ledger = try url.open(.readWrite)
    let events = [try large("1"), try large("2", at: 1), try .sample("3", at: 2)]
    let recorded = try ledger.append(events)
    #expect(recorded.map(\.counted) == [true, false, true], "the same place of the same object counts once")
    let read = try ledger.events(matching: RiskEventQuery())
    #expect(read == recorded, "what is read is what was told")
    #expect(try ledger.append(events) == recorded, "it is known by its id")
    #expect(read[2].event == events[2])
    #expect(read[0].event.id.hasPrefix("1:\u{1}"))
    #expect(read[0].event.riskObject == "alice" && read[0].event.riskScore == 49)
    #expect(read[0].event.userGroups.count == 13)
    #expect(read[0].event.userGroups.last == "… and 88 more")
    #expect(read[0].line.count < 256 << 10)
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `a large event is delivered, exported and imported like any other`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let ledger = try url.open(.readWrite)
    _ = try ledger.append([try large("1"), try .sample("2", at: 2)])
    let outbox = try #require(try url.openOutbox())
    #expect(try outbox.outgoing(after: 0, limit: 9).count == 2)
    let other = try TemporaryDirectory()
    var transfer = RiskEventImport(into: try LedgerURL.sqlite(path: other.ledger).open(.readWrite))
    try ledger.forEachEvent(matching: RiskEventQuery(order: .recorded)) { recorded in
      (try? transfer.add(recorded.line[...])) != nil
    }
    try transfer.finish()
    #expect(transfer.count == 2)
    #expect(
      try LedgerURL.sqlite(path: other.ledger).open(.readOnly).events(matching: RiskEventQuery())
        == ledger.events(matching: RiskEventQuery())
    )
    // Once more into its own ledger, by the ids that it wrote.
    #expect(try ledger.append(ledger.events(matching: RiskEventQuery()).map(\.event)).count == 2)
    #expect(try ledger.events(matching: RiskEventQuery()).count == 2)
    withExtendedLifetime(directory) {}
  }

  @Test func `what an earlier version wrote is read and imported, larger than any is now`() throws {
    let directory = try TemporaryDirectory()
    let ledger = try SQLiteLedger(path: directory.ledger, access: .readWrite)
    _ = try ledger.append([.sample("1")])
    let image = String(repeating: "i", count: 8 << 20)
    try ledger.connection.execute("UPDATE risk_event SET event = replace(event, 'nginx:1.27', '\(image)')")
    let read = try ledger.events(matching: RiskEventQuery())
    #expect(read.first?.event.attachment.containers.first?.image == image)
    let other = try LedgerURL.sqlite(path: directory.file("other.db")).open(.readWrite)
    var transfer = RiskEventImport(into: other)
    for recorded in read { try transfer.add(recorded.line[...]) }
    try transfer.finish()
    #expect(try other.events(matching: RiskEventQuery()).count == 1)
  }
}

// The ledger as an outbox, told of every ledger.

import Evaluation
import RiskLedger
import TestSupport
import Testing

@Suite struct OutboxTests {
  private func moment(_ seconds: Int64) -> Timestamp { noon.adding(seconds: seconds) }

  @Test(arguments: LedgerStore.all)
  func `events go out in the order of recording, and an exporter goes on where it was`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let ledger = try url.open(.readWrite)
    let outbox = try #require(try url.openOutbox())
    #expect(try outbox.lease("hec", holder: "a", seconds: 30, at: noon) == OutboxPosition(delivered: 0, recorded: 0))
    _ = try ledger.append([.sample("late", at: 9), .sample("early", at: -9, uid: "u2"), .sample("later", at: 10)])
    let events = try outbox.outgoing(after: 0, limit: 2)
    #expect(events.map(\.recorded.event.id) == ["late", "early"])
    #expect(events.map(\.recorded.counted) == [true, true])
    #expect(try outbox.confirm("hec", holder: "a", delivered: events[1].sequence))
    let position = try #require(try outbox.lease("hec", holder: "a", seconds: 30, at: moment(1)))
    #expect(position.delivered == events[1].sequence)
    #expect(position.lag == 1)
    #expect(try outbox.outgoing(after: position.delivered, limit: 9).map(\.recorded.event.id) == ["later"])
    // Another name has its own place.
    #expect(try outbox.lease("copy", holder: "a", seconds: 30, at: noon)?.lag == 3)
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `anybody may ask how far delivery is, and a new name may leave out what is there`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let ledger = try url.open(.readWrite)
    let outbox = try #require(try url.openOutbox())
    #expect(try outbox.position("hec").lag == 0)
    _ = try ledger.append([.sample("1"), .sample("2", uid: "u2")])
    #expect(try outbox.position("hec").lag == 2)
    try outbox.skipRecorded("copy")
    #expect(try outbox.position("copy").lag == 0)
    _ = try ledger.append([.sample("3", uid: "u3")])
    // Again, as after a restart.
    try outbox.skipRecorded("copy")
    #expect(try outbox.position("copy").lag == 1)
    let position = try #require(try outbox.lease("copy", holder: "a", seconds: 30, at: noon))
    #expect(try outbox.outgoing(after: position.delivered, limit: 9).map(\.recorded.event.id) == ["3"])
    #expect(try outbox.position("hec").lag == 3)
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `one holds the lease, and another goes on when it has expired`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    _ = try url.open(.readWrite).append([.sample("1")])
    let outboxes = try (0..<2).map { _ in try #require(try url.openOutbox()) }
    #expect(try outboxes[0].lease("hec", holder: "a", seconds: 30, at: noon) != nil)
    #expect(try outboxes[1].lease("hec", holder: "b", seconds: 30, at: moment(29)) == nil)
    #expect(try !outboxes[1].confirm("hec", holder: "b", delivered: 1))
    #expect(try outboxes[0].lease("hec", holder: "a", seconds: 30, at: moment(29)) != nil)
    #expect(try outboxes[1].lease("hec", holder: "b", seconds: 30, at: moment(58)) == nil)
    #expect(try outboxes[1].lease("hec", holder: "b", seconds: 30, at: moment(59))?.delivered == 0)
    #expect(try outboxes[1].confirm("hec", holder: "b", delivered: 1))
    // Whoever was slow learns it, and takes nothing back.
    #expect(try !outboxes[0].confirm("hec", holder: "a", delivered: 1))
    #expect(try outboxes[0].lease("hec", holder: "a", seconds: 30, at: moment(60)) == nil)
    #expect(try outboxes[1].lease("hec", holder: "b", seconds: 30, at: moment(61))?.delivered == 1)
    #expect(try !outboxes[1].confirm("hec", holder: "b", delivered: 0), "what was delivered is not taken back")
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `large events go out a few at a time`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let ledger = try url.open(.readWrite)
    var event = try RiskEvent.sample("", introduced: false)
    event.attachment.containers = [.init(name: "c", image: String(repeating: "i", count: 200_000))]
    for number in 0..<60 {
      event.id = "\(number)"
      _ = try ledger.append([event])
    }
    let outbox = try #require(try url.openOutbox())
    var seen: [String] = []
    var last: Int64 = 0
    while let part = Optional(try outbox.outgoing(after: last, limit: 99)), let end = part.last {
      #expect(part.count < 60)
      seen += part.map(\.recorded.event.id)
      last = end.sequence
    }
    #expect(seen == (0..<60).map { "\($0)" })
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `a lease from a clock that was far ahead does not keep others waiting`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let outboxes = try (0..<2).map { _ in try #require(try url.openOutbox()) }
    #expect(try outboxes[0].lease("hec", holder: "a", seconds: 30, at: moment(365 * 86_400)) != nil)
    #expect(try outboxes[1].lease("hec", holder: "b", seconds: 30, at: noon) != nil)
    // Clocks that differ as clocks do are no reason to take a lease from its holder.
    #expect(try outboxes[0].lease("hec", holder: "a", seconds: 30, at: moment(90)) != nil)
    #expect(try outboxes[1].lease("hec", holder: "b", seconds: 30, at: noon) == nil)
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `what is not delivered is not deleted, unless nobody exports any more`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let ledger = try url.open(.readWrite)
    let outbox = try #require(try url.openOutbox())
    _ = try ledger.append(try (0..<3).map { try .sample("\($0)", at: $0, introduced: false, uid: "\($0)") })
    let week = LedgerRetention(keepSeconds: 7 * 86_400)
    _ = try outbox.lease("hec", holder: "a", seconds: 30, at: moment(8 * 86_400))
    #expect(try ledger.prune(week, at: moment(8 * 86_400), by: 9) == 0)
    let first = try outbox.outgoing(after: 0, limit: 1)[0].sequence
    #expect(try outbox.confirm("hec", holder: "a", delivered: first))
    #expect(try ledger.prune(week, at: moment(8 * 86_400), by: 9) == 1)
    #expect(try ledger.prune(week, at: moment(16 * 86_400), by: 9) == 2)
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `how far a log was forwarded is known to all, and keeps no event from being deleted`(store: LedgerStore) throws {
    let (url, directory) = try store.makeURL()
    let outboxes = try (0..<2).map { _ in try #require(try url.openOutbox()) }
    #expect(try outboxes[0].forwardedBytes(of: "log") == 0)
    try outboxes[0].setForwardedBytes(1 << 40, of: "log")
    try outboxes[1].setForwardedBytes(1, of: "other")
    #expect(try outboxes[1].forwardedBytes(of: "log") == 1 << 40)
    try outboxes[1].setForwardedBytes(7, of: "log")
    #expect(try outboxes[0].forwardedBytes(of: "log") == 7)
    let ledger = try url.open(.readWrite)
    _ = try ledger.append([.sample("1", introduced: false)])
    #expect(try ledger.prune(LedgerRetention(keepSeconds: 60), at: moment(120), by: 9) == 1)
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: LedgerStore.all)
  func `no event is passed over while several servers write`(store: LedgerStore) async throws {
    let (url, directory) = try store.makeURL()
    let outbox = try #require(try url.openOutbox())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<3 {
        group.addTask {
          let ledger = try url.open(.readWrite)
          for number in 0..<60 { _ = try ledger.append([.sample("\(writer)-\(number)", at: Int64(number))]) }
        }
      }
      var seen: Set<String> = []
      var last: Int64 = 0
      while seen.count < 180 {
        for event in try outbox.outgoing(after: last, limit: 7) {
          #expect(event.sequence > last)
          last = event.sequence
          #expect(seen.insert(event.recorded.event.id).inserted)
        }
        try await Task.sleep(for: .milliseconds(1))
      }
      try await group.waitForAll()
    }
    withExtendedLifetime(directory) {}
  }
}

// Group commit: order, bounds, failures, the end.

import Evaluation
import Foundation
import RiskLedger
import TestSupport
import Testing

@Suite struct LedgerWriterTests {
  private let directory: TemporaryDirectory
  private let diskFull = LedgerError.storage(
    .diskFull,
    StorageFailure(store: "l", statement: "", code: "SQLite 13", message: "full")
  )
  private let ioError = LedgerError.storage(
    .inputOutput,
    StorageFailure(store: "l", statement: "", code: "SQLite 10", message: "disk I/O error")
  )

  init() throws { directory = try TemporaryDirectory() }

  private func writer(
    _ stub: StubLedger,
    queuedEventsMax: Int = LedgerLimits.queuedEventsMax,
    observer: @escaping @Sendable ([RecordedRiskEvent]) -> Void = { _ in }
  ) throws -> LedgerWriter {
    try LedgerWriter(queuedEventsMax: queuedEventsMax, observer: observer) { () throws(LedgerError) in stub.open() }
  }

  @Test func `what completion reports is visible from another connection at that moment`() throws {
    let writer = try LedgerWriter(.sqlite(path: directory.ledger)) { _ in }
    let seen = Outcomes<Int>()
    for index in 0..<50 {
      writer.submit([try .sample("\(index)")]) { result in
        let reader = try? SQLiteLedger(path: directory.ledger, access: .readOnly)
        let isThere = (try? reader?.events(matching: RiskEventQuery()).contains { $0.event.id == "\(index)" }) ?? false
        seen.append((try? result.get()) != nil && isThere ? index : -1)
      }
    }
    #expect(seen.waiting(for: 50) == Array(0..<50))
  }

  @Test func `eight threads with a thousand submissions each all complete exactly once`() throws {
    let observed = Outcomes<Int>()
    let writer = try LedgerWriter(.sqlite(path: directory.ledger)) { observed.append($0.count) }
    let outcomes = Outcomes<String>()
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for index in 0..<1_000 {
        guard let event = try? RiskEvent.sample("\(thread)-\(index)") else { continue }
        writer.submit([event]) { outcomes.append((try? $0.get()) != nil ? event.id : "failed: \(event.id)") }
      }
    }
    writer.close()
    let expected = Set((0..<8).flatMap { thread in (0..<1_000).map { "\(thread)-\($0)" } })
    #expect(outcomes.all.count == 8_000)
    #expect(Set(outcomes.all).symmetricDifference(expected).isEmpty)
    #expect(observed.all.reduce(0, +) == 8_000)
    #expect(
      try SQLiteLedger(path: directory.ledger, access: .readOnly).events(matching: RiskEventQuery()).count == 8_000
    )
  }

  @Test func `what gathers during one transaction goes into the next one together and completes in order`() throws {
    let gate = Gate()
    let stub = StubLedger(gate: gate)
    let order = Outcomes<Int>()
    let observed = Outcomes<[String]>()
    let writer = try writer(stub) { observed.append($0.map(\.event.id)) }
    writer.submit([try .sample("0")]) { _ in order.append(0) }
    gate.waitForArrival()
    for index in 1..<100 { writer.submit([try .sample("\(index)")]) { _ in order.append(index) } }
    gate.open()
    #expect(order.waiting(for: 100) == Array(0..<100))
    writer.close()
    #expect(stub.batches == [1, 99])
    #expect(observed.all.flatMap(\.self) == (0..<100).map { "\($0)" })
  }

  @Test func `completion comes before the observer`() throws {
    let steps = Outcomes<String>()
    let writer = try writer(StubLedger()) { _ in steps.append("observed") }
    writer.submit([try .sample("1")]) { _ in steps.append("completed") }
    writer.close()
    #expect(steps.all == ["completed", "observed"])
  }

  @Test func `a bad event does not fail its neighbours`() throws {
    let gate = Gate()
    let writer = try writer(StubLedger(gate: gate))
    let outcomes = Outcomes<String>()
    for id in ["0", "1", "bad", "2", "bad too", "3"] {
      writer.submit([try .sample(id)]) { result in
        if case .success = result { outcomes.append(id) } else { outcomes.append("failed: \(id)") }
      }
    }
    gate.open()
    #expect(outcomes.waiting(for: 6) == ["0", "1", "failed: bad", "2", "failed: bad too", "3"])
    #expect(writer.isHealthy, "the ledger is well")
  }

  @Test func `the events of one submission are kept together or not at all`() throws {
    let writer = try LedgerWriter(.sqlite(path: directory.ledger)) { _ in }
    var bad = try RiskEvent.sample("bad")
    bad.time = Timestamp(microseconds: .min)
    let outcomes = Outcomes<Bool>()
    for events in [[try .sample("1")], [try .sample("2"), bad], [try .sample("3")]] {
      writer.submit(events) { outcomes.append((try? $0.get()) != nil) }
    }
    #expect(outcomes.waiting(for: 3) == [true, false, true])
    let reader = try SQLiteLedger(path: directory.ledger, access: .readOnly)
    #expect(try reader.events(matching: RiskEventQuery()).map(\.event.id) == ["1", "3"])
  }

  @Test func `a full queue refuses at once and takes again when it has been written`() throws {
    let gate = Gate()
    let writer = try writer(StubLedger(gate: gate), queuedEventsMax: 3)
    let started = Outcomes<Bool>()
    writer.submit([try .sample("first")]) { started.append((try? $0.get()) != nil) }
    gate.waitForArrival()
    let refused = Outcomes<LedgerError>()
    let taken = Outcomes<Bool>()
    for index in 0..<10 {
      writer.submit([try .sample("\(index)")]) { result in
        switch result {
        case .success: taken.append(true)
        case .failure(let error): refused.append(error)
        }
      }
    }
    #expect(refused.all.count == 7, "refused while the ledger stands still")
    #expect(refused.all.allSatisfy { $0 == .overloaded(limitEvents: 3) })
    #expect(writer.isHealthy)
    gate.open()
    #expect(taken.waiting(for: 3).count == 3)
    #expect(started.all == [true])
    let again = Outcomes<Bool>()
    writer.submit([try .sample("again")]) { again.append((try? $0.get()) != nil) }
    #expect(again.waiting(for: 1) == [true])
  }

  @Test func `a queue of a few large events is full as well`() throws {
    let gate = Gate()
    let writer = try writer(StubLedger(gate: gate))
    writer.submit([try .sample("first")]) { _ in }
    gate.waitForArrival()
    var event = try RiskEvent.sample("large")
    event.attachment.containers = [
      .init(name: "c", image: String(repeating: "i", count: LedgerLimits.queuedBytesMax / 4))
    ]
    let outcomes = Outcomes<LedgerError?>()
    for _ in 0..<5 {
      writer.submit([event]) { result in
        if case .failure(let error) = result { outcomes.append(error) } else { outcomes.append(nil) }
      }
    }
    #expect(outcomes.all == [.overloadedBytes(limitBytes: LedgerLimits.queuedBytesMax)])
    gate.open()
    #expect(outcomes.waiting(for: 5).dropFirst().allSatisfy { $0 == nil })
    writer.submit([event]) { outcomes.append((try? $0.get()) == nil ? .closed : nil) }
    #expect(outcomes.waiting(for: 6).last == .some(nil), "it takes again when it has been written")
  }

  @Test func `a submission larger than the queue is taken when there is room for one`() throws {
    let writer = try writer(StubLedger(), queuedEventsMax: 1)
    let outcomes = Outcomes<Bool>()
    writer.submit(try (0..<5).map { try .sample("\($0)") }) { outcomes.append((try? $0.get()) != nil) }
    #expect(outcomes.waiting(for: 1) == [true])
  }

  @Test func `a submission without events completes and is not shown to the observer`() throws {
    let observed = Outcomes<Int>()
    let writer = try writer(StubLedger()) { observed.append($0.count) }
    let outcomes = Outcomes<Bool>()
    writer.submit([]) { outcomes.append((try? $0.get()) != nil) }
    #expect(outcomes.waiting(for: 1) == [true])
    writer.close()
    #expect(observed.all.isEmpty)
  }

  @Test func `closing writes what waits, refuses what comes, and may be repeated`() throws {
    let writer = try LedgerWriter(.sqlite(path: directory.ledger)) { _ in }
    let outcomes = Outcomes<Bool>()
    for index in 0..<500 { writer.submit([try .sample("\(index)")]) { outcomes.append((try? $0.get()) != nil) } }
    DispatchQueue.concurrentPerform(iterations: 4) { _ in writer.close() }
    #expect(outcomes.all == Array(repeating: true, count: 500))
    let late = Outcomes<LedgerError>()
    writer.submit([try .sample("late")]) { if case .failure(let error) = $0 { late.append(error) } }
    #expect(late.all == [.closed])
    #expect(!FileManager.default.fileExists(atPath: directory.ledger + "-wal"), "the log has been taken into the file")
  }

  @Test func `closing from a completion does not wait for itself`() throws {
    let writer = try writer(StubLedger())
    let outcomes = Outcomes<Bool>()
    writer.submit([try .sample("1")]) { _ in
      writer.close()
      outcomes.append(true)
    }
    #expect(outcomes.waiting(for: 1) == [true])
  }

  @Test func `a failing ledger fails every submission, shows in health, and heals without a submission`() throws {
    let stub = StubLedger()
    let writer = try writer(stub)
    stub.fail(with: ioError)
    let outcomes = Outcomes<Bool>()
    for index in 0..<3 { writer.submit([try .sample("\(index)")]) { outcomes.append((try? $0.get()) != nil) } }
    #expect(outcomes.waiting(for: 3) == [false, false, false])
    #expect(!writer.isHealthy)
    #expect(writer.lastError == ioError)
    stub.fail(with: nil)
    waitUntil { writer.isHealthy }
    #expect(writer.isHealthy)
    #expect(stub.openingCount >= 2, "it was opened again")
    writer.submit([try .sample("after")]) { outcomes.append((try? $0.get()) != nil) }
    #expect(outcomes.waiting(for: 4).last == true)
  }

  @Test func `a full disk is tried one by one and the connection is kept`() throws {
    let gate = Gate()
    let stub = StubLedger(gate: gate)
    let writer = try writer(stub)
    stub.fail(with: diskFull)
    let outcomes = Outcomes<Bool>()
    for index in 0..<4 {
      writer.submit([try .sample("\(index)")]) { outcomes.append((try? $0.get()) != nil) }
      gate.waitForArrival()
    }
    gate.open()
    #expect(outcomes.waiting(for: 4) == [false, false, false, false])
    #expect(stub.batches == [1, 3, 1, 1, 1])
    #expect(writer.lastError == diskFull)
    #expect(stub.openingCount == 1)
  }

  @Test func `where nothing is to be kept, nothing is learnt of the ledger`() throws {
    let stub = StubLedger()
    let writer = try writer(stub)
    stub.fail(with: diskFull)
    let outcomes = Outcomes<Bool>()
    for events in [[try RiskEvent.sample("1")], []] {
      let count = outcomes.all.count
      writer.submit(events) { outcomes.append((try? $0.get()) != nil) }
      _ = outcomes.waiting(for: count + 1)
    }
    #expect(outcomes.all == [false, true])
    #expect(writer.lastError == diskFull)
    #expect(stub.batches == [1])
  }

  @Test func `a ledger that cannot be opened is an error at once`() {
    #expect(throws: LedgerError.missingDirectory(path: "/nonexistent/ledger.db")) {
      _ = try LedgerWriter(.sqlite(path: "/nonexistent/ledger.db")) { _ in }
    }
  }

  @Test func `without a ledger everything completes and is shown to the observer`() throws {
    let observed = Outcomes<[Bool]>()
    let writer = try LedgerWriter(.none) { observed.append($0.map(\.counted)) }
    let outcomes = Outcomes<Bool>()
    let events = [
      try RiskEvent.sample("1"), try .sample("2"), try .sample("3", introduced: false), try .sample("4", score: 0),
    ]
    writer.submit(events) { outcomes.append((try? $0.get()) != nil) }
    #expect(outcomes.waiting(for: 1) == [true])
    #expect(observed.waiting(for: 1) == [[true, true, false, false]])
  }
}

/// Waits until a condition holds, for 30 s at the longest.
func waitUntil(_ condition: () -> Bool) {
  let deadline = Date().addingTimeInterval(30)
  while !condition(), Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
}

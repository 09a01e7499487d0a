// The queue without HTTP: its end, and what it does when nobody asks.

import NIOCore
import RiskLedger
import Testing
import Threads

@testable import AdmissionServer

// A batch that is never judged must end the test, not the patience.
@Suite(.timeLimit(.minutes(1))) struct AuditQueueTests {
  private func queue(_ ledger: StubLedger, gate: Gate? = nil) throws -> AuditQueue {
    let writer = try LedgerWriter(observer: { _ in }) { () throws(LedgerError) in ledger }
    return AuditQueue(
      recorder: RiskRecorder(writer: writer, onFailure: .admit, emergencyOutput: { _ in }),
      metrics: Metrics(),
      unjudgedReasons: [],
      judge: { RememberingJudge(gate: gate) }
    )
  }

  /// Hands a batch over; false when it was not taken.
  private func submit(_ body: String, to queue: AuditQueue, _ outcomes: Monitor<[AuditOutcome]>) -> Bool {
    let upload = AuditUpload(queue.backlog, expectedBytes: 0)
    guard upload.append(ByteBuffer(string: body)) else { return false }
    return upload.finish { outcome in outcomes.update { $0.append(outcome) } }
  }

  @Test func `closing judges what waits, in order, and takes no more`() async throws {
    let gate = Gate()
    let ledger = StubLedger()
    let queue = try queue(ledger, gate: gate)
    let outcomes = Monitor<[AuditOutcome]>([])
    for id in ["1", "2", "3"] { #expect(submit(AuditBody.list(id), to: queue, outcomes)) }
    await gate.arrival()
    for id in ["4", "5"] { #expect(submit(AuditBody.list(id), to: queue, outcomes)) }
    queue.backlog.close()
    #expect(!submit(AuditBody.list("6"), to: queue, outcomes))
    gate.open()
    queue.close()
    #expect(outcomes.withLock { $0 } == Array(repeating: .recorded, count: 5))
    #expect(ledger.ids == ["1", "2", "3", "4", "5"])
    #expect(queue.backlog.bytes == 0)
    #expect(queue.backlog.batches == 0)
    queue.close()
  }

  @Test func `what the ledger did not take is tried again even if no batch comes any more`() async throws {
    let ledger = StubLedger()
    let queue = try queue(ledger)
    let outcomes = Monitor<[AuditOutcome]>([])
    ledger.fail(with: StubLedger.diskFull)
    #expect(submit(AuditBody.list("1"), to: queue, outcomes))
    await ledger.waitForRefusal()
    ledger.fail(with: nil)
    await ledger.waitForEvents()
    #expect(ledger.ids == ["1"])
    queue.close()
    #expect(outcomes.withLock { $0 } == [.notRecorded(StubLedger.diskFull.description)])
  }

  @Test func `no batch is judged before the findings of the one before are durable`() throws {
    let ledger = StubLedger()
    let queue = try queue(ledger)
    let outcomes = Monitor<[AuditOutcome]>([])
    ledger.fail(with: StubLedger.diskFull)
    for id in ["1", "2", "1"] { #expect(submit(AuditBody.list(id), to: queue, outcomes)) }
    queue.close()
    let all = outcomes.withLock { $0 }
    #expect(all.count == 3)
    #expect(!all.contains(.recorded))
    #expect(ledger.ids == [])
  }
}

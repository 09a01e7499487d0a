// Judges and a ledger that do what a test tells them to.

import Evaluation
import Foundation
import JSONDocument
import RiskLedger
import TestSupport
import Threads

@testable import AdmissionServer

/// Reads EventLists, Events and arrays of them, and remembers which events it saw, as the judge of the product does.
struct RememberingJudge: AuditBatchJudge {
  private let parser = JSONParser(bytesMax: ServerLimits.auditBodyBytesMax)
  private var seen: Set<String> = []
  /// What every batch waits for.
  var gate: Gate?

  init(gate: Gate? = nil) { self.gate = gate }

  mutating func judge(_ body: [UInt8]) throws(UnreadableAuditBatch) -> AuditBatchResult {
    gate?.pass()
    var seen = seen
    let read: Result<AuditBatchResult?, JSONError>
    do throws(JSONError) {
      read = .success(try parser.withDocument(body) { Self.judge($0, &seen) })
    } catch {
      read = .failure(error)
    }
    self.seen = seen
    switch read {
    case .success(.some(let result)): return result
    case .success(.none): throw UnreadableAuditBatch("this is no EventList")
    case .failure(let error): throw UnreadableAuditBatch("\(error)")
    }
  }

  private static func judge(_ root: borrowing JSONValue, _ seen: inout Set<String>) -> AuditBatchResult? {
    var result = AuditBatchResult()
    if root.isArray {
      var events = root.elements
      while let event = events.next() { add(event, &result, &seen) }
    } else if root.string("kind") == "EventList", let items = root.member("items") {
      var events = items.elements
      while let event = events.next() { add(event, &result, &seen) }
    } else if root.string("kind") == "Event" {
      add(root, &result, &seen)
    } else {
      return nil
    }
    return result
  }

  private static func add(_ event: borrowing JSONValue, _ result: inout AuditBatchResult, _ seen: inout Set<String>) {
    result.events += 1
    let id = event.string("auditID") ?? ""
    guard seen.insert(id).inserted else {
      result.duplicates += 1
      return
    }
    guard let object = event.object("requestObject") else {
      result.unjudgedWrites["metadataLevel", default: 0] += 1
      return
    }
    guard object.object("spec")?.isTrue("hostNetwork") ?? false else { return }
    result.findings[.warn, default: 0] += 1
    if let event = sampleEvent(id: id) { result.riskEvents.append(event) }
  }
}

/// A risk event with an id, and everything else as it happens to be.
func sampleEvent(id: String) -> RiskEvent? {
  let json = """
    {"id":\(TestJSON.string(id).text),"time":"2026-11-23T12:00:00Z","riskObject":"alice","riskObjectType":"user",
    "riskScore":49,"riskMessage":"m","threatObject":"192.0.2.7","decision":"warn","mode":"warn","rule":"mode",
    "introduced":true,"requestUID":"r","operation":"CREATE","subresource":"","apiVersion":"v1","kind":"Pod",
    "namespace":"payments","name":"web","objectUID":"u","userGroups":[],"pointer":"/spec/hostNetwork",
    "field":"spec.hostNetwork","certainty":"certain","containers":[],"hostPorts":[],"aggravations":[]}
    """
  return (try? JSONParser().withDocument(Array(json.utf8)) { RiskEvent(json: $0) }) ?? nil
}

/// A gate before which threads wait until it is opened.
final class Gate: Sendable {
  private let state = Monitor((arrivals: 0, isOpen: false))

  func open() { state.update { $0.isOpen = true } }

  func pass() {
    state.update { $0.arrivals += 1 }
    _ = state.wait { $0.isOpen ? true : nil }
  }

  /// Waits until somebody stands before the gate or has passed it.
  func arrival() async { await state.waiting { $0.arrivals > 0 } }
}

extension Monitor {
  /// Waits for a condition on a thread of its own: those of tasks must not be blocked.
  func waiting(for condition: @escaping @Sendable (State) -> Bool) async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        _ = self.wait { condition($0) ? true : nil }
        continuation.resume()
      }
    }
  }
}

/// Keeps events in memory and fails on command; shared by its openings.
final class StubLedger: RiskLedger, Sendable {
  private struct State: Sendable {
    var failure: LedgerError?
    var ids: [String] = []
    var largestAppend = 0
    var refusals = 0
  }

  static let diskFull = LedgerError.storage(
    .diskFull,
    StorageFailure(store: "l", statement: "", code: "SQLite 13", message: "full")
  )

  private let state = Monitor(State())
  /// What every append waits for.
  private let gate: Gate?

  init(gate: Gate? = nil) { self.gate = gate }

  func fail(with error: LedgerError?) { state.update { $0.failure = error } }

  /// The ids that are durable, in order.
  var ids: [String] { state.withLock { $0.ids } }

  var largestAppend: Int { state.withLock { $0.largestAppend } }

  /// Waits until it has refused something.
  func waitForRefusal() async { await state.waiting { $0.refusals > 0 } }

  /// Waits until it holds something.
  func waitForEvents() async { await state.waiting { !$0.ids.isEmpty } }

  func append(_ events: [RiskEvent]) throws(LedgerError) -> [RecordedRiskEvent] {
    gate?.pass()
    let result: Result<[RecordedRiskEvent], LedgerError> = state.update { state in
      state.largestAppend = max(state.largestAppend, events.count)
      if let failure = state.failure {
        state.refusals += 1
        return .failure(failure)
      }
      if let bad = events.first(where: { $0.id.hasPrefix("bad") }) {
        return .failure(.unrecordableEvent(id: bad.id, reason: "it is bad"))
      }
      state.ids += events.map(\.id)
      return .success(events.map { RecordedRiskEvent(event: $0, counted: true) })
    }
    return try result.get()
  }

  func forEachEvent(matching query: RiskEventQuery, _ body: (RecordedRiskEvent) -> Bool) throws(LedgerError) {}

  func riskObjects(in period: RiskPeriod, limit: Int) -> [RiskObjectSummary] { [] }

  func incidents(in period: RiskPeriod, _ threshold: RiskThreshold) -> [RiskIncident] { [] }

  func addEvidence(to incidents: inout [RiskIncident], limit: Int) {}

  func overview(of period: RiskPeriod, bucketsMax: Int) -> RiskOverview { RiskOverview() }

  func prune(_ retention: LedgerRetention, at now: Timestamp, after cursor: PruningCursor?, limit: Int) -> PruningStep {
    PruningStep(deletedCount: 0, next: nil)
  }

  func verifyWritable() throws(LedgerError) {
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }
}

/// Bodies of requests to the audit webhook.
enum AuditBody {
  static func event(_ id: String, hostNetwork: Bool = true) -> String {
    var event = TestAuditEvent(#"{"spec":{"hostNetwork":\#(hostNetwork)}}"#)
    event.auditID = id
    return event.json
  }

  static func list(_ ids: String...) -> String { list(ids) }

  static func list(_ ids: [String]) -> String {
    #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":["#
      + ids.map { event($0) }.joined(separator: ",") + "]}"
  }
}

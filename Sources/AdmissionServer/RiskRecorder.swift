// Hands risk events to the ledger, and sees that none is lost in silence when the ledger cannot take them.

internal import Evaluation
internal import JSONDocument
package import RiskLedger
internal import Synchronization
internal import Threads

/// What becomes of a request whose risk event could not be recorded.
package enum LedgerFailurePolicy: String, Sendable, CaseIterable {
  /// It gets its verdict all the same; the event goes to standard error.
  case admit
  /// It is answered with 500, so that the API server's failurePolicy applies; denials stand.
  case refuse
}

/// Records risk events before the answers they belong to.
package final class RiskRecorder: Sendable {
  private let writer: LedgerWriter
  private let onFailure: LedgerFailurePolicy
  private let emergencyOutput: @Sendable ([UInt8]) -> Void
  private let lost = Atomic<Int>(0)

  /// Creates a recorder; `emergencyOutput` gets the JSON lines that the ledger could not take, and must not wait for
  /// whoever reads them: the answers wait.
  package init(
    writer: LedgerWriter,
    onFailure: LedgerFailurePolicy,
    emergencyOutput: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.writer = writer
    self.onFailure = onFailure
    self.emergencyOutput = emergencyOutput
  }

  /// Events that no ledger has, since the start.
  package var lostEventCount: Int { lost.load(ordering: .relaxed) }

  /// Whether the ledger takes events now.
  package var isHealthy: Bool { writer.isHealthy }

  /// Records events, then says whether the request may be answered; called once, on any thread.
  func record(_ events: [RiskEvent], _ completion: @escaping @Sendable (_ isAdmissible: Bool) -> Void) {
    writer.submit(events) { [self] result in
      switch result {
      case .success: completion(true)
      case .failure(let error):
        giveUp(events, error)
        completion(onFailure == .admit)
      }
    }
  }

  /// Records events and waits for it, on a thread that may; says why not, and then they are the caller's to keep.
  ///
  /// An event that no ledger can hold is given up, so that it does not stand in the way of others for good.
  func recordWaiting(_ events: [RiskEvent]) -> LedgerError? {
    let outcome = Monitor<Result<Void, LedgerError>?>(nil)
    writer.submit(events) { result in outcome.update { $0 = result } }
    guard case .failure(let error)? = outcome.wait({ $0 }) else { return nil }
    guard Self.isFaultOfEvent(error) else { return error }
    guard events.count > 1 else {
      giveUp(events, error)
      return nil
    }
    for event in events {
      if let error = recordWaiting([event]) { return error }
    }
    return nil
  }

  /// Puts events that the ledger did not take where they are not lost in silence.
  func giveUp(_ events: [RiskEvent], _ error: LedgerError) {
    lost.wrappingAdd(events.count, ordering: .relaxed)
    emergencyOutput(Self.lines(events, error))
  }

  private static func isFaultOfEvent(_ error: LedgerError) -> Bool {
    switch error {
    case .unrecordableEvent, .storage(.valueRefused, _): true
    default: false
    }
  }

  /// One JSON line per event, each with why it is here and not in the ledger.
  private static func lines(_ events: [RiskEvent], _ error: LedgerError) -> [UInt8] {
    var writer = JSONWriter()
    for event in events {
      writer.beginObject()
      writer.field("level", "error")
      writer.field("message", "risk event not in the ledger: \(error)")
      writer.key("riskEvent")
      event.write(to: &writer)
      writer.endObject()
      writer.newline()
    }
    return writer.bytes
  }
}

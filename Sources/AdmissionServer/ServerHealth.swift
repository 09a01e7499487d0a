// Whether verdicts may be sent here, and if not, why.

internal import Synchronization

/// What `/readyz` reports.
final class ServerHealth: Sendable {
  private let recorder: RiskRecorder
  private let accepting = Atomic<Bool>(false)

  init(recorder: RiskRecorder) { self.recorder = recorder }

  /// Set once the listener is bound, cleared when shutdown begins.
  func setAccepting(_ isAccepting: Bool) { accepting.store(isAccepting, ordering: .relaxed) }

  /// One sentence per reason not to send reviews here; empty when ready.
  var problems: [String] {
    var problems: [String] = []
    if !accepting.load(ordering: .relaxed) { problems.append("the server is starting or shutting down") }
    if !recorder.isHealthy { problems.append("the risk ledger cannot be written") }
    return problems
  }
}

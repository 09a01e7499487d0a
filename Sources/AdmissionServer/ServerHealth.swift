// Whether verdicts may be sent here, and if not, why.

internal import Evaluation
internal import Synchronization

/// What `/readyz` reports.
final class ServerHealth: Sendable {
  private let recorder: RiskRecorder
  private let certificates: CertificateWatch
  private let policy: PolicyWatch
  private let now: @Sendable () -> Timestamp
  private let accepting = Atomic<Bool>(false)

  init(
    recorder: RiskRecorder,
    certificates: CertificateWatch,
    policy: PolicyWatch,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.recorder = recorder
    self.certificates = certificates
    self.policy = policy
    self.now = now
  }

  /// Set once the listener is bound, cleared when shutdown begins.
  func setAccepting(_ isAccepting: Bool) { accepting.store(isAccepting, ordering: .relaxed) }

  /// One sentence per reason not to send reviews here; empty when ready.
  var problems: [String] {
    var problems: [String] = []
    if !accepting.load(ordering: .relaxed) { problems.append("the server is starting or shutting down") }
    if !recorder.isHealthy { problems.append("the risk ledger cannot be written") }
    if let problem = certificates.problem(at: now()) { problems.append(problem) }
    return problems
  }

  /// One sentence for whatever will become a problem.
  var warnings: [String] { policy.warnings + certificates.warnings(at: now()) }
}

// Body in, answer out: everything that happens to a review between the two, on one event loop.

internal import Evaluation
internal import JSONDocument
internal import NIOCore
internal import RiskLedger

/// A verdict, ready to be sent.
struct ReviewAnswer {
  let body: ByteBuffer
  /// To be durable before the answer leaves.
  let events: [RiskEvent]
  let decision: Decision
  /// What the verdict is counted under.
  let key: VerdictCounter.Key
}

/// Judges reviews for the connections of one event loop, with one parser and one output buffer for all of them.
final class ReviewProcessor {
  private let parser = JSONParser()
  private var writer = JSONWriter(capacityBytes: 1_024)
  private var policy: PolicyFollower
  private var evaluators: Evaluators
  private let scores: RiskScores
  private let now: @Sendable () -> Timestamp

  /// Evaluators for the policy's modes, and for the modes that paths name.
  private struct Evaluators {
    let configured: Evaluator
    let byMode: [Mode: Evaluator]

    init(_ policy: Policy) {
      configured = Evaluator(policy: policy)
      let pairs = Mode.allCases.map { ($0, Evaluator(policy: policy.enforcing($0))) }
      byMode = Dictionary(uniqueKeysWithValues: pairs)
    }
  }

  /// Creates a processor.
  ///
  /// - Parameters:
  ///   - scores: the risk so far of users, for a policy that escalates.
  ///   - now: the clock, injected so that tests own the time.
  init(policy: PolicyInForce, scores: RiskScores = RiskScores(), now: @escaping @Sendable () -> Timestamp) {
    self.scores = scores
    self.policy = PolicyFollower(policy)
    evaluators = Evaluators(self.policy.first)
    self.now = now
  }

  private func evaluator(for mode: Mode?) -> Evaluator {
    if let changed = policy.change() { evaluators = Evaluators(changed) }
    return mode.flatMap { evaluators.byMode[$0] } ?? evaluators.configured
  }

  /// Judges one review.
  ///
  /// `body` needs no padding, but is read in place when it has it.
  func process(_ body: inout ByteBuffer, mode: Mode?) -> Result<ReviewAnswer, Refusal> {
    body.reserveCapacity(minimumWritableBytes: JSONParser.paddingBytes)
    let evaluator = evaluator(for: mode)
    return unsafe body.withUnsafeReadableBytes { bytes in
      do throws(JSONError) {
        return try unsafe parser.withDocument(bytes, padded: true) { review in answer(review, evaluator) }
      } catch .outOfMemory {
        return .failure(.undecided(JSONError.outOfMemory.description))
      } catch {
        return .failure(.badRequest("\(error)"))
      }
    }
  }

  private func answer(_ review: borrowing JSONValue, _ evaluator: Evaluator) -> Result<ReviewAnswer, Refusal> {
    do {
      let request = try AdmissionRequest(review: review.value(at: review.index), at: now())
      let decision = try evaluator.evaluate(request, riskSoFar: scores.risk)
      writer.removeAll()
      AdmissionResponse.write(decision, for: request, to: &writer)
      return .success(
        ReviewAnswer(
          body: ByteBuffer(bytes: writer.bytes),
          events: decision.riskEvents(for: request),
          decision: decision,
          key: VerdictCounter.Key(
            mode: decision.mode,
            verdict: decision.verdict,
            operation: request.operation,
            resource: request.resource,
            namespace: request.namespace
          )
        )
      )
    } catch let error as AdmissionReviewError {
      return .failure(.badRequest("\(error)"))
    } catch {
      return .failure(.undecided("the review cannot be decided: \(error)"))
    }
  }
}

// Body in, answer out: everything that happens to a review between the two, on one event loop.

internal import Evaluation
internal import JSONDocument
internal import NIOCore

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
  private let evaluators: [Mode: Evaluator]
  private let configured: Evaluator
  private let now: @Sendable () -> Timestamp

  /// Creates a processor; `now` is the clock, injected so that tests own the time.
  init(policy: Policy, now: @escaping @Sendable () -> Timestamp) {
    configured = Evaluator(policy: policy)
    var evaluators: [Mode: Evaluator] = [:]
    for mode in Mode.allCases { evaluators[mode] = Evaluator(policy: policy.enforcing(mode)) }
    self.evaluators = evaluators
    self.now = now
  }

  /// Judges one review.
  ///
  /// `body` needs no padding, but is read in place when it has it.
  func process(_ body: inout ByteBuffer, mode: Mode?) -> Result<ReviewAnswer, Refusal> {
    body.reserveCapacity(minimumWritableBytes: JSONParser.paddingBytes)
    let evaluator = mode.flatMap { evaluators[$0] } ?? configured
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
      let decision = try evaluator.evaluate(request)
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

// What an attachment is worth before any factor.

import TestSupport
import Testing

@testable import Evaluation

@Suite struct RiskScoreTests {
  private let subject = RequestSubject(
    uid: "",
    time: noon,
    operation: .create,
    subresource: "",
    isDryRun: false,
    kind: GroupVersionKind(apiVersion: "v1", kind: "Pod"),
    namespace: "payments",
    name: "web",
    objectUID: "",
    user: UserInfo(username: "alice", groups: []),
    sourceIP: nil
  )

  private func score(_ impact: Int, _ confidence: Int) throws -> Int {
    var settings = RiskSettings()
    settings.impact = impact
    settings.confidence = confidence
    return settings.score(subject, try RiskEvent.sample("1").attachment)
  }

  /// By the definition of rounding: no integer is nearer, and of two that are equally near it is the even one.
  @Test(arguments: 0...100)
  func `a score is the integer nearest to a hundredth of the product, the even one of two`(impact: Int) throws {
    for confidence in 0...100 {
      let score = try score(impact, confidence)
      let distance = abs(100 * score - impact * confidence)
      #expect(distance < 50 || (distance == 50 && score % 2 == 0), "\(impact) × \(confidence)")
    }
  }

  /// What Python 3 says of `round(impact * confidence / 100)`.
  @Test(arguments: [
    (70, 70, 49), (45, 50, 22), (50, 45, 22), (55, 50, 28), (1, 50, 0), (3, 50, 2), (5, 50, 2), (100, 100, 100),
    (0, 100, 0),
  ])
  func `halves go the way that contentctl's go`(impact: Int, confidence: Int, expected: Int) throws {
    #expect(try score(impact, confidence) == expected)
  }
}

// An explanation ends in the verdict that the evaluator gives, whatever the request.

import Evaluation
import JSONDocument
import Manifests
import TestSupport
import Testing

@testable import PolicyFile

@Suite struct ExplanationTests {
  private static let policies: [Policy] = {
    let full = try? PolicyLoad(
      [PolicyText(file: "full.yaml", content: .success(Fixtures.bytes("policies/full.yaml")))],
      at: Judgement.time
    ).policy
    let exempting = PolicyLoad.of("mode: deny\nexemptions: [{id: a, reason: r, owner: o, match: {users: [alice]}}]")
    guard let full, let exempting = exempting.policy else { preconditionFailure("the policies can be used") }
    return [full, exempting, Policy(mode: .deny), Policy(mode: .off), Policy(mode: .audit)]
  }()

  private func explain(_ review: [UInt8], _ policy: Policy) throws -> (Explanation, Decision) {
    try JSONParser().withDocument(review) { document in
      Result {
        let request = try AdmissionRequest(review: document.value(at: document.index), at: Judgement.time)
        return (Explanation(request, by: policy), try Evaluator(policy: policy).evaluate(request))
      }
    }.get()
  }

  @Test(arguments: try ExpectedReview.all(), policies)
  func `it decides once, at its end, as the evaluator does`(expected: ExpectedReview, policy: Policy) throws {
    let (explanation, decision) = try explain(try Fixtures.bytes("admission-reviews/\(expected.file)"), policy)
    #expect(explanation.decision == decision)
    #expect(explanation.steps.last?.decides == true)
    #expect(explanation.steps.dropLast().allSatisfy { !$0.decides })
    let last = explanation.steps.last?.rule
    let titles: [Decision.Rule: Set<String>] = [
      .notJudged: ["operation", "mode"], .noAttachment: ["attachment"], .beingDeleted: ["deletion"],
      .mirrorPod: ["mirror pod"], .exemption: ["exemption"], .notIntroduced: ["verdict"], .mode: ["verdict"],
    ]
    #expect(titles[decision.rule]?.contains(last ?? "") ?? false, "\(decision.rule) \(last ?? "")")
  }

  @Test func `the exemption that nearly matches is named with what keeps it from matching`() throws {
    let policy = try #require(
      PolicyLoad.of(
        """
        mode: deny
        exemptions:
        - {id: far, reason: r, owner: o, match: {users: [bob], namespaces: [prod], images: ["a:*"]}}
        - {id: near, reason: r, owner: o, match: {users: [alice], images: ["good:*"]}}
        """
      ).policy
    )
    let pod =
      #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"evil:1"}]}}"#
    let (explanation, _) = try explain(Array(TestReview(pod).json.utf8), policy)
    let step = try #require(explanation.steps.first { $0.rule == "exemption" })
    #expect(step.words.contains("Nearest: near fails by its images (good:*; the images are evil:1)."))
    #expect(
      explanation.changes.contains(
        "The exemption near would free it, but for its images (good:*; the images are evil:1)."
      )
    )
  }

  @Test func `when an exemption ends the verdict afterwards is told`() throws {
    let policy = try #require(
      PolicyLoad.of(
        "mode: deny\nexemptions: [{id: a, reason: r, owner: o, expires: \"2030-01-01\", match: {users: [alice]}}]"
      ).policy
    )
    let pod =
      #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"hostNetwork":true,"containers":[{"name":"c"}]}}"#
    let (explanation, decision) = try explain(Array(TestReview(pod).json.utf8), policy)
    #expect(decision.rule == .exemption)
    #expect(explanation.changes == ["From 2030-01-01T00:00:00Z on the verdict is deny."])
  }
}

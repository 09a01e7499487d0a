// Builds AdmissionReviews and judges them, for tests of the evaluator.

package import Evaluation
import JSONDocument

/// A review under construction; every field has a sensible value.
package struct TestReview: Sendable {
  package var uid = "11111111-2222-3333-4444-555555555555"
  package var operation = "CREATE"
  package var subresource: String?
  package var apiVersion = "v1"
  package var kind = "Pod"
  package var namespace = "payments"
  package var name = "web"
  package var username = "alice"
  package var groups = ["devs", "system:authenticated"]
  package var object = "null"
  package var oldObject = "null"
  package var isDryRun = false

  /// Creates a review of an object given as JSON.
  package init(_ object: String, kind: String = "Pod", apiVersion: String = "v1") {
    self.object = object
    self.kind = kind
    self.apiVersion = apiVersion
  }

  /// The review as JSON, in the field order of the API server.
  package var json: String {
    let gvk = GroupVersionKind(apiVersion: apiVersion, kind: kind)
    let subresourceField = subresource.map { "\"subResource\":\"\($0)\"," } ?? ""
    let groupList = groups.map { "\"\($0)\"" }.joined(separator: ",")
    return """
      {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"\(uid)",\
      "kind":{"group":"\(gvk.group)","version":"\(gvk.version)","kind":"\(gvk.kind)"},\(subresourceField)\
      "name":"\(name)","namespace":"\(namespace)","operation":"\(operation)",\
      "userInfo":{"username":"\(username)","groups":[\(groupList)]},\
      "object":\(object),"oldObject":\(oldObject),"dryRun":\(isDryRun)}}
      """
  }

  /// What the evaluator makes of it.
  package func judged(
    _ policy: Policy = Policy(mode: .deny),
    riskSoFar: RiskSoFar = { _, _, _ in 0 }
  ) throws -> Judgement {
    try Judgement.of(Array(json.utf8), policy: policy, riskSoFar: riskSoFar)
  }
}

/// Everything that follows from one review.
package struct Judgement: Sendable {
  package let decision: Decision
  package let events: [RiskEvent]
  package let denial: String
  package let warnings: [String]

  /// The time at which every test review is judged.
  package static let time = Timestamp(microseconds: 1_795_452_183_042_000)

  /// Judges a review given as bytes.
  package static func of(
    _ review: [UInt8],
    policy: Policy,
    riskSoFar: RiskSoFar = { _, _, _ in 0 }
  ) throws -> Judgement {
    try JSONParser().withDocument(review) { document in
      Result {
        let request = try AdmissionRequest(review: document.value(at: document.index), at: time)
        return try Judgement(request, policy, riskSoFar)
      }
    }.get()
  }

  private init(_ request: borrowing AdmissionRequest, _ policy: Policy, _ riskSoFar: RiskSoFar) throws {
    decision = try Evaluator(policy: policy).evaluate(request, riskSoFar: riskSoFar)
    events = decision.riskEvents(for: request)
    let wording = Wording(for: request)
    denial = wording.denial(decision)
    warnings = wording.warnings(decision)
  }

  package var verdict: Verdict { decision.verdict }
  package var pointers: [String] { decision.attachments.map(\.attachment.pointer) }
}

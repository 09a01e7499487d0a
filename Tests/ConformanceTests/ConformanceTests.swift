// The heart of the project: the same object gets the same decision at every door.

import AuditLog
import Evaluation
import Foundation
import JSONDocument
import Manifests
import TestSupport
import Testing

@Suite struct ConformanceTests {
  /// What every door must agree on about an object.
  struct Outcome: Equatable {
    let verdicts: [Verdict]
    let pointers: [String]
    let certainties: [HostNetworkAttachment.Certainty]
    let introduced: [Bool]
    let reasons: [String]
  }

  private static let alice = UserInfo(username: "alice", groups: ["devs", "system:authenticated"])

  /// At the webhook: a review in, a decision out.
  private func atWebhook(_ review: [UInt8], _ policy: Policy) throws -> Outcome {
    try JSONParser().withDocument(review) { document in
      Result {
        let request = try AdmissionRequest(review: document.value(at: document.index), at: Judgement.time)
        let decision = try Evaluator(policy: policy).evaluate(request)
        let wording = Wording(for: request)
        return Outcome(
          verdicts: decision.attachments.map(\.verdict),
          pointers: decision.attachments.map(\.attachment.pointer),
          certainties: decision.attachments.map(\.attachment.certainty),
          introduced: decision.attachments.map(\.introduced),
          reasons: decision.attachments.map { wording.reason($0) }
        )
      }
    }.get()
  }

  /// In `check`: a file in, findings out.
  private func inCheck(_ text: [UInt8], _ policy: Policy) throws -> Outcome {
    var checker = ManifestChecker(policy: policy, as: Self.alice, at: Judgement.time, duplicateKeys: .error)
    checker.check(text, file: "manifest", mustHoldObjects: true)
    #expect(checker.result.unreadable == [])
    #expect(checker.result.objectCount == 1)
    let findings = checker.result.findings
    return Outcome(
      verdicts: findings.map(\.judged.verdict),
      pointers: findings.map(\.judged.attachment.pointer),
      certainties: findings.map(\.judged.attachment.certainty),
      introduced: findings.map(\.judged.introduced),
      reasons: findings.map(\.message)
    )
  }

  /// In `replay`: the audit events of the same request in, findings out.
  ///
  /// An update is preceded by the create that made its old object, as in a log that goes back far enough.
  private func inReplay(_ review: [UInt8], _ policy: Policy) throws -> Outcome {
    let events = try AuditedReview(review).events
    let settings = ReplaySettings(policy: policy)
    let engine = ReplayEngine(settings, handler: CollectedFindings())
    engine.replay(text: Array(events.joined(separator: "\n").utf8), file: "audit.log")
    #expect(engine.summary.coverage.unjudgedWrites == 0)
    #expect(engine.summary.unreadableCount == 0)
    let findings = engine.handler.findings.filter { $0.subject.uid == AuditedReview.auditID }
    return Outcome(
      verdicts: findings.flatMap { $0.decision.attachments.map(\.verdict) },
      pointers: findings.flatMap { $0.decision.attachments.map(\.attachment.pointer) },
      certainties: findings.flatMap { $0.decision.attachments.map(\.attachment.certainty) },
      introduced: findings.flatMap { $0.decision.attachments.map(\.introduced) },
      reasons: findings.flatMap(\.reasons)
    )
  }

  private static let policies = Mode.allCases.map { Policy(mode: $0) }

  @Test(arguments: try ExpectedReview.all(), policies)
  func `a recorded review is judged alike at the webhook and in an audit log`(
    expected: ExpectedReview,
    policy: Policy
  ) throws {
    let review = try Fixtures.bytes("admission-reviews/\(expected.file)")
    #expect(try inReplay(review, policy) == atWebhook(review, policy))
  }

  @Test(arguments: try ExpectedReview.all(), policies)
  func `a recorded review is judged alike at the webhook and as a file`(expected: ExpectedReview, policy: Policy) throws
  {
    let review = try Fixtures.bytes("admission-reviews/\(expected.file)")
    #expect(try inCheck(review, policy) == atWebhook(review, policy))
  }

  @Test(arguments: try ExpectedReview.all(), policies)
  func `a created object is judged alike as review, as JSON and as YAML`(expected: ExpectedReview, policy: Policy)
    throws
  {
    let review = try Fixtures.bytes("admission-reviews/\(expected.file)")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(review)) as? [String: Any])
    let request = try #require(document["request"] as? [String: Any])
    guard request["operation"] as? String == "CREATE", let object = request["object"] as? [String: Any] else { return }
    let json = [UInt8](try JSONSerialization.data(withJSONObject: object))
    let outcome = try atWebhook(review, policy)
    #expect(try inCheck(json, policy) == outcome)
    #expect(try inCheck(Array("--- # the same as YAML\n".utf8) + json, policy) == outcome)
    #expect(try inCheck(Array(BlockYAML.text(object).utf8), policy) == outcome)
  }

  @Test(arguments: try Fixtures.files(in: "objects", withExtension: "yaml"), policies)
  func `a manifest is judged alike as a file, in a review and in an audit log`(file: String, policy: Policy) throws {
    for document in ManifestText.documents(in: try Fixtures.bytes("objects/\(file)"), duplicateKeys: .error) {
      let json = try document.get().json
      let object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
      let metadata = try #require(object["metadata"] as? [String: Any])
      var review = TestReview(
        String(decoding: json, as: UTF8.self),
        kind: try #require(object["kind"] as? String),
        apiVersion: try #require(object["apiVersion"] as? String)
      )
      review.name = metadata["name"] as? String ?? ""
      review.namespace = metadata["namespace"] as? String ?? ""
      let outcome = try atWebhook(Array(review.json.utf8), policy)
      #expect(try inCheck(json, policy) == outcome, "\(object["kind"] ?? "")")
      #expect(try inReplay(Array(review.json.utf8), policy) == outcome, "\(object["kind"] ?? "")")
    }
  }
}

/// Writes a JSON object as block-style YAML with quoted strings.
enum BlockYAML {
  static func text(_ object: [String: Any]) -> String { members(object, indent: "") }

  private static func members(_ object: [String: Any], indent: String) -> String {
    object.keys.sorted().map { key in "\(indent)\(quoted(key)):\(value(object[key] ?? NSNull(), indent: indent + "  "))"
    }
    .joined()
  }

  private static func value(_ value: Any, indent: String) -> String {
    switch value {
    case let object as [String: Any] where !object.isEmpty: "\n" + members(object, indent: indent)
    case let array as [Any] where !array.isEmpty:
      "\n" + array.map { "\(indent)-\(self.value($0, indent: indent + "  "))" }.joined()
    default: " \(scalar(value))\n"
    }
  }

  private static func scalar(_ value: Any) -> String {
    let data = try? JSONSerialization.data(withJSONObject: [value], options: [.withoutEscapingSlashes])
    return data.map { String(decoding: $0.dropFirst().dropLast(), as: UTF8.self) } ?? "null"
  }

  private static func quoted(_ key: String) -> String { scalar(key) }
}

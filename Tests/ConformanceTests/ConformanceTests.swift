// The heart of the project: the same object gets the same decision at every door.

import Evaluation
import Foundation
import JSONDocument
import Manifests
import TestSupport
import Testing

@Suite struct ConformanceTests {
  private static let policies = Mode.allCases.map { Policy(mode: $0) }

  @Test(arguments: try ExpectedReview.all(), policies)
  func `a recorded review is judged alike at the webhook and in an audit log`(
    expected: ExpectedReview,
    policy: Policy
  ) throws {
    let review = try Fixtures.bytes("admission-reviews/\(expected.file)")
    #expect(try Doors.inReplay(review, policy).attachments == Doors.atWebhook(review, policy).attachments)
  }

  @Test(arguments: try ExpectedReview.all(), policies)
  func `a recorded review is judged alike at the webhook and as a file`(expected: ExpectedReview, policy: Policy) throws
  {
    let review = try Fixtures.bytes("admission-reviews/\(expected.file)")
    #expect(try Doors.inCheck(review, policy).attachments == Doors.atWebhook(review, policy).attachments)
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
    let outcome = try Doors.atWebhook(review, policy).attachments
    #expect(try Doors.inCheck(json, policy).attachments == outcome)
    #expect(try Doors.inCheck(Array("--- # the same as YAML\n".utf8) + json, policy).attachments == outcome)
    #expect(try Doors.inCheck(Array(BlockYAML.text(object).utf8), policy).attachments == outcome)
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
      let outcome = try Doors.atWebhook(Array(review.json.utf8), policy).attachments
      #expect(try Doors.inCheck(json, policy).attachments == outcome, "\(object["kind"] ?? "")")
      #expect(try Doors.inReplay(Array(review.json.utf8), policy).attachments == outcome, "\(object["kind"] ?? "")")
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

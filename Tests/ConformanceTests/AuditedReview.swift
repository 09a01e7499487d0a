// The audit events that the API server would write about the request of an AdmissionReview.

import AuditLog
import Foundation
import Testing

/// Keeps what a replay finds.
struct CollectedFindings: ReplayHandler {
  var findings: [ReplayFinding] = []

  mutating func receive(_ finding: ReplayFinding) { findings.append(finding) }
  mutating func receive(_ compared: ComparedEvent) {}
}

/// An AdmissionReview, told as an audit log tells of its request.
struct AuditedReview {
  /// Of the event that tells of the request itself.
  static let auditID = "00000000-0000-0000-0000-000000000001"

  private let request: [String: Any]

  init(_ review: [UInt8]) throws {
    let document = try #require(try JSONSerialization.jsonObject(with: Data(review)) as? [String: Any])
    request = try #require(document["request"] as? [String: Any])
  }

  /// The create of the old object, where there is one, and then the request.
  var events: [String] {
    get throws {
      var events: [String] = []
      if request["operation"] as? String == "UPDATE", var old = request["oldObject"] as? [String: Any] {
        var metadata = old["metadata"] as? [String: Any] ?? [:]
        let isBeingDeleted = metadata.removeValue(forKey: "deletionTimestamp") != nil
        old["metadata"] = metadata
        events.append(try event("create", 201, old, auditID: "00000000-0000-0000-0000-000000000002"))
        if isBeingDeleted {
          events.append(try event("delete", 200, nil, auditID: "00000000-0000-0000-0000-000000000003"))
        }
      }
      let verb = ["CREATE": "create", "UPDATE": "update", "DELETE": "delete"][request["operation"] as? String ?? ""]
      let code = verb == "create" ? 201 : 200
      events.append(try event(verb ?? "connect", code, request["object"] as? [String: Any], auditID: Self.auditID))
      return events
    }
  }

  private func event(_ verb: String, _ code: Int, _ object: [String: Any]?, auditID: String) throws -> String {
    let resource = request["resource"] as? [String: Any] ?? [:]
    let kind = request["kind"] as? [String: Any] ?? [:]
    let group = kind["group"] as? String ?? ""
    var target: [String: Any] = [
      "resource": resource["resource"] ?? plural(kind["kind"] as? String ?? ""), "apiGroup": group,
      "namespace": request["namespace"] ?? "", "apiVersion": kind["version"] ?? "",
    ]
    if let name = request["name"] as? String, !name.isEmpty { target["name"] = name }
    if let subresource = request["subResource"] { target["subresource"] = subresource }
    var event: [String: Any] = [
      "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": auditID,
      "stage": "ResponseComplete", "verb": verb, "user": request["userInfo"] ?? [:], "objectRef": target,
      "requestURI": request["dryRun"] as? Bool == true ? "/?dryRun=All" : "/", "sourceIPs": ["10.0.0.5"],
      "responseStatus": ["code": code], "requestReceivedTimestamp": "2026-11-23T16:43:03.042000Z",
    ]
    if let object {
      event["requestObject"] = object
      event["responseObject"] = object
    }
    let data = try JSONSerialization.data(withJSONObject: event, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
  }

  private func plural(_ kind: String) -> String { kind.lowercased() + "s" }
}

// Findings held against the published rules of OCSF 1.8.0: required, known, types, enumerations, constraints.

import Evaluation
import Foundation
import JSONDocument
import RiskLedger
import TestSupport
import Testing

@testable import EventCollector

/// The rules of one object of the schema, as far as findings use it.
private indirect enum Shape: Sendable {
  case text
  case integer([Int]? = nil)
  case flag
  case anything
  case list(Shape)
  case object(required: Set<String>, [String: Shape], oneOf: Set<String> = [])

  /// Says what is wrong with a value.
  func problems(_ value: Any, _ path: String) -> [String] {
    switch self {
    case .anything: return []
    case .text: return (value as? String).map { $0.isEmpty ? ["\(path) is empty"] : [] } ?? ["\(path) is no text"]
    case .flag: return value is Bool ? [] : ["\(path) is no flag"]
    case .integer(let values):
      guard let integer = value as? Int, !(value is Bool && "\(value)" != "\(integer)") else {
        return ["\(path) is no integer"]
      }
      return values?.contains(integer) ?? true ? [] : ["\(path) has no meaning \(integer)"]
    case .list(let element):
      guard let list = value as? [Any], !list.isEmpty else { return ["\(path) is no list with elements"] }
      return list.enumerated().flatMap { element.problems($0.element, "\(path)[\($0.offset)]") }
    case .object(let required, let members, let oneOf):
      guard let object = value as? [String: Any] else { return ["\(path) is no object"] }
      var problems = required.subtracting(object.keys).map { "\(path).\($0) is missing" }
      if !oneOf.isEmpty, oneOf.isDisjoint(with: object.keys) { problems.append("\(path) has none of \(oneOf)") }
      for (name, value) in object {
        guard let member = members[name] else {
          problems.append("\(path).\(name) is unknown")
          continue
        }
        problems += member.problems(value, "\(path).\(name)")
      }
      return problems
    }
  }

  /// Source: ocsf-schema, tag 1.8.0: events/findings/detection_finding, its objects, and the profile security_control.
  static let detectionFinding = Shape.object(
    required: [
      "activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time", "metadata", "finding_info",
    ],
    [
      "activity_id": .integer([0, 1, 2, 3, 99]), "activity_name": .text, "category_uid": .integer([2]),
      "category_name": .text, "class_uid": .integer([2004]), "class_name": .text, "type_uid": .integer([200_401]),
      "time": .integer(), "timezone_offset": .integer(), "status_id": .integer(Array(0...6) + [99]), "status": .text,
      "is_alert": .flag, "severity_id": .integer(Array(0...6) + [99]), "severity": .text, "risk_score": .integer(),
      "risk_level_id": .integer(Array(0...4) + [99]), "confidence_id": .integer(Array(0...3) + [99]),
      "confidence": .text,
      "action_id": .integer(Array(0...4) + [99]), "action": .text, "disposition_id": .integer(Array(0...27) + [99]),
      "disposition": .text, "message": .text, "unmapped": .anything,
      "metadata": .object(
        required: ["version", "product"],
        [
          "version": .text, "uid": .text, "correlation_uid": .text, "profiles": .list(.text),
          "product": .object(
            required: [],
            ["name": .text, "vendor_name": .text, "version": .text],
            oneOf: ["name", "uid"]
          ),
        ]
      ),
      "finding_info": .object(
        required: ["uid"],
        [
          "uid": .text, "title": .text, "desc": .text, "created_time": .integer(), "types": .list(.text),
          "data_sources": .list(.text),
          "analytic": .object(
            required: ["type_id"],
            ["type_id": .integer(Array(0...4) + [99]), "type": .text, "name": .text, "uid": .text],
            oneOf: ["name", "uid"]
          ),
          "attacks": .list(
            .object(
              required: [],
              ["technique": .object(required: [], ["uid": .text, "name": .text], oneOf: ["uid", "name"])],
              oneOf: ["tactic", "technique", "sub_technique"]
            )
          ),
          "kill_chain": .list(
            .object(required: ["phase_id"], ["phase_id": .integer(Array(0...7) + [99]), "phase": .text])
          ),
        ]
      ),
      "evidences": .list(
        .object(
          required: [],
          [
            "actor": .object(
              required: [],
              [
                "user": .object(
                  required: [],
                  ["name": .text, "groups": .list(.object(required: [], ["name": .text], oneOf: ["name", "uid"]))],
                  oneOf: ["account", "name", "uid"]
                )
              ],
              oneOf: ["process", "user", "app_name"]
            ),
            "api": .object(
              required: ["operation"],
              ["operation": .text, "version": .text, "request": .object(required: ["uid"], ["uid": .text])]
            ),
            "src_endpoint": .object(required: [], ["ip": .text], oneOf: ["ip", "name", "uid", "hostname"]),
          ],
          oneOf: ["actor", "api", "src_endpoint"]
        )
      ),
      "resources": .list(
        .object(
          required: [],
          ["uid": .text, "name": .text, "namespace": .text, "type": .text, "role_id": .integer(Array(0...4) + [99])],
          oneOf: ["name", "uid"]
        )
      ),
      "observables": .list(
        .object(
          required: ["name", "type_id"],
          ["name": .text, "type_id": .integer(Array(0...48) + [99]), "value": .text]
        )
      ),
    ]
  )
}

@Suite struct OCSFTests {
  private func finding(_ event: RiskEvent, counted: Bool = true) throws -> [String: Any] {
    var writer = JSONWriter()
    OCSFFinding(RecordedRiskEvent(event: event, counted: counted), productVersion: "1.0").write(to: &writer)
    return try #require(try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String: Any])
  }

  @Test(arguments: Verdict.allCases, [0, 20, 21, 49, 80, 81, 1_000])
  func `a finding is as the schema wants it`(decision: Verdict, score: Int) throws {
    var bare = try RiskEvent.sample("bare", score: score, uid: "", namespace: "", name: "", decision: decision)
    bare.threatObject = nil
    bare.userGroups = []
    bare.requestUID = ""
    var derived = try RiskEvent.sample("derived", score: score, decision: decision)
    derived.owner = OwnerReference(kind: "ReplicaSet", name: "web", uid: "r")
    derived.charge("alice", rootEvent: "root")
    for event in [try RiskEvent.sample("1", score: score, decision: decision), bare, derived] {
      let found = try finding(event)
      #expect(Shape.detectionFinding.problems(found, "finding") == [])
      #expect(found["risk_score"] as? Int == score)
    }
  }

  @Test func `what was denied is blocked, what counts is an alert, and duplicates have one uid`() throws {
    let found = try finding(try .sample("1", decision: .deny), counted: false)
    #expect(found["action_id"] as? Int == 2)
    #expect(found["disposition_id"] as? Int == 2)
    #expect(found["is_alert"] as? Bool == false)
    #expect(found["time"] as? Int == 1_795_435_200_000)
    #expect((found["metadata"] as? [String: Any])?["uid"] as? String == "1")
    #expect((found["unmapped"] as? [String: Any])?["riskObject"] as? String == "alice")
  }

  @Test(
    arguments: [
      (Verdict.deny, Mode.deny, nil, [2, 2, 1]), (.warn, .warn, nil, [3, 19, 1]), (.allow, .audit, nil, [3, 15, 1]),
      (.allow, .audit, "node-exporter", [1, 1, 3]), (.allow, .deny, "node-exporter", [1, 1, 3]),
    ] as [(Verdict, Mode, String?, [Int])]
  )
  func `action, disposition and status say what the policy did`(
    decision: Verdict,
    mode: Mode,
    exemption: String?,
    ids: [Int]
  ) throws {
    var event = try RiskEvent.sample("1", decision: decision)
    event.mode = mode
    event.exemption = exemption
    let found = try finding(event)
    #expect(["action_id", "disposition_id", "status_id"].map { found[$0] as? Int } == ids)
    #expect(Shape.detectionFinding.problems(found, "finding") == [])
  }

  @Test func `the rules refuse what is wrong`() throws {
    var found = try finding(try .sample("1"))
    found["severity_id"] = 7
    found["colour"] = "red"
    found["time"] = nil
    found["resources"] = [["namespace": "n"]]
    #expect(
      Set(Shape.detectionFinding.problems(found, "finding").map { $0.prefix(24) }) == [
        "finding.severity_id has ", "finding.colour is unknow", "finding.time is missing", "finding.resources[0] has",
      ]
    )
  }
}

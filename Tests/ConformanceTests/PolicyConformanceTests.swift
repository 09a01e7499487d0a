// One policy, three doors: the same decision, reason, exemption and revision.

import Evaluation
import Foundation
import Manifests
import PolicyFile
import TestSupport
import Testing

@Suite struct PolicyConformanceTests {
  /// A policy with something to say about each of the reviews.
  static let policy: Policy = {
    let text = """
      apiVersion: hostfence.dev/v1
      kind: Policy
      mode: deny
      updates: any
      namespaces:
      - match: [pay?ents]
        mode: warn
        denyFrom: "2026-11-01"
      exemptions:
      - {id: expired, reason: r, owner: o, expires: "2026-11-23T16:43:03.042Z", match: {namespaces: ["*"], groups: ["system:*"]}}
      - {id: debug, reason: r, owner: o, match: {users: [alice], images: ["*busybox*"]}}
      - id: node-exporter
        reason: Reads the node's own counters.
        owner: obs
        expires: "2026-11-23T16:43:03.043Z"
        match:
          names: ["node-exporter-*"]
          ownerWorkloads: [{kind: DaemonSet, name: node-exporter}]
          images: ["quay.io/prometheus/node-exporter:*"]
      customResources:
      - {group: agents.example.com, kind: NodeAgent, path: spec.hostNetwork}
      """
    let load = PolicyLoad([PolicyText(file: "policy.yaml", content: .success(Array(text.utf8)))], at: Judgement.time)
    guard let policy = load.policy else { preconditionFailure("\(load.errors)") }
    return policy
  }()

  private static let policies: [Policy] = [policy, policy.enforcing(.warn), policy.enforcing(.audit)]

  @Test(arguments: [
    ("mirror-pod.json", Verdict.allow, Decision.Rule.mirrorPod, nil as String?),
    ("mirror-pod-forged.json", .deny, .mode, nil), ("finalizer-off.json", .allow, .beingDeleted, nil),
    ("debug-host-network-pod.json", .deny, .mode, nil), ("resize-host-network-pod.json", .deny, .mode, nil),
    ("generate-name.json", .allow, .exemption, "node-exporter"),
    ("cluster-scoped-custom-resource.json", .deny, .mode, nil),
  ])
  func `a realistic review is decided as the rules say`(
    file: String,
    verdict: Verdict,
    rule: Decision.Rule,
    exemption: String?
  ) throws {
    let outcome = try Doors.atWebhook(try Fixtures.bytes("policy-reviews/\(file)"), Self.policy)
    #expect(outcome.verdict == verdict)
    #expect(outcome.rule == rule)
    #expect(outcome.exemption == exemption)
    #expect(outcome.revision == Self.policy.revision)
  }

  @Test(arguments: try Fixtures.files(in: "policy-reviews", withExtension: "json"), policies)
  func `a realistic review is decided alike at all doors`(file: String, policy: Policy) throws {
    try expectAlike(try Fixtures.bytes("policy-reviews/\(file)"), policy)
  }

  @Test(arguments: try ExpectedReview.all(), policies)
  func `a recorded review is decided alike at all doors`(expected: ExpectedReview, policy: Policy) throws {
    try expectAlike(try Fixtures.bytes("admission-reviews/\(expected.file)"), policy)
  }

  private func expectAlike(_ review: [UInt8], _ policy: Policy) throws {
    let outcome = try Doors.atWebhook(review, policy)
    let inCheck = try Doors.inCheck(review, policy)
    let inReplay = try Doors.inReplay(review, policy)
    #expect(inCheck.attachments == outcome.attachments)
    #expect(inReplay.attachments == outcome.attachments)
    // Without an attachment there is nothing to report, and no revision with it.
    guard !outcome.attachments.isEmpty else { return }
    #expect(inCheck.revision == outcome.revision)
    #expect(inReplay == outcome)
  }
}

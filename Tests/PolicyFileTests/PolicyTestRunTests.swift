// `hostfence policy test`: cases pass, fail with words, and never pass for want of an input.

import Evaluation
import Foundation
import Manifests
import TestSupport
import Testing

@testable import PolicyFile

@Suite struct PolicyTestRunTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "hostfence-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(
      "policy/policy.yaml",
      PolicyLoad.head
        + "mode: deny\nexemptions: [{id: a, reason: r, owner: o, expires: \"2027-01-01\", match: {users: [alice]}}]"
    )
    let pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: payments}\nspec: {hostNetwork: HN, containers: [{name: c, image: i}]}\n"
    try write("cases/pod.yaml", pod.replacing("HN", with: "true"))
    try write("cases/old.yaml", pod.replacing("HN", with: "false"))
  }

  private func write(_ path: String, _ text: String) throws {
    let url = folder.appending(path: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private func run(_ cases: String) throws -> PolicyTestRun {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(
      "cases/policy_test.yaml",
      "apiVersion: hostfence.dev/v1\nkind: PolicyTest\npolicy: [../policy/policy.yaml]\ncases:\n\(cases)"
    )
    return PolicyTestRun([folder.appending(path: "cases").path], policy: nil, at: Judgement.time)
  }

  @Test func `cases are judged as they say`() throws {
    let run = try run(
      """
      - {name: denied, input: pod.yaml, user: bob, expect: {verdict: deny, rule: mode, reason: "Pod payments/web uses"}}
      - {name: exempt, input: pod.yaml, user: alice, expect: {verdict: allow, exemption: a}}
      - {name: expired, input: pod.yaml, user: alice, time: "2027-01-01", expect: {verdict: deny}}
      - {name: update, input: pod.yaml, oldInput: pod.yaml, operation: UPDATE, expect: {verdict: warn, rule: notIntroduced}}
      - {name: introduced, input: pod.yaml, oldInput: old.yaml, operation: UPDATE, expect: {verdict: deny}}
      - {name: deleted, input: pod.yaml, operation: DELETE, expect: {verdict: allow, rule: notJudged}}
      """
    )
    #expect(run.problems == [])
    #expect(run.results.map(\.failures) == Array(repeating: [], count: 6))
  }

  @Test func `a case that fails says what it got instead`() throws {
    let run = try run(
      """
      - {name: wrong, input: pod.yaml, user: bob, expect: {verdict: allow, rule: exemption, exemption: a, reason: "no such words"}}
      """
    )
    let failures = try #require(run.results.first?.failures)
    #expect(failures.count == 4)
    #expect(failures[0].hasPrefix("expected the verdict allow, not deny: Pod payments/web uses the node's network"))
    #expect(failures[1...2] == ["expected the rule exemption, not mode", "expected the exemption a, not none"])
  }

  @Test(arguments: [
    ("- {name: x, input: none.yaml, expect: {verdict: deny}}", "cannot be opened"),
    ("- {name: x, input: pod.yaml, operation: UPDATE, expect: {verdict: deny}}", "an UPDATE wants oldInput"),
    ("- {name: x, input: pod.yaml, expects: {verdict: deny}}", "did you mean expect?"),
    ("- {name: x, input: policy_test.yaml, expect: {verdict: refuse}}", "verdict must be one of allow, warn, deny"),
    ("  []", "cases is an empty list"),
  ])
  func `what cannot be run is a problem and not a pass`(cases: String, words: String) throws {
    let run = try run(cases)
    #expect(run.results == [])
    #expect(run.problems.contains { $0.message.contains(words) }, "\(run.problems)")
  }

  @Test func `a folder without tests is a problem`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = PolicyTestRun([folder.appending(path: "cases").path], policy: nil, at: Judgement.time)
    #expect(run.problems.map(\.message) == ["there are no tests here: none of kind: PolicyTest with cases"])
  }
}

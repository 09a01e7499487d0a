// Suggested exemptions free what they were suggested from, and nothing else.

import Evaluation
import PolicyFile
import TestSupport
import Testing

@testable import AuditLog

@Suite struct ExemptionSuggestionsTests {
  private static let daemonSetController = "system:serviceaccount:kube-system:daemon-set-controller"

  private func pod(_ name: String, images: [String], owner: String? = nil, generateName: String? = nil) -> String {
    var metadata = #""name":"\#(name)""#
    if let generateName { metadata += #","generateName":"\#(generateName)""# }
    if let owner {
      metadata += #","ownerReferences":[{"kind":"DaemonSet","name":"\#(owner)","controller":true}]"#
    }
    let containers = images.map { #"{"name":"c","image":"\#($0)"}"# }.joined(separator: ",")
    return
      #"{"apiVersion":"v1","kind":"Pod","metadata":{\#(metadata)},"spec":{"hostNetwork":true,"containers":[\#(containers)]}}"#
  }

  private func suggestions(_ events: [TestAuditEvent]) -> ExemptionSuggestions {
    var spelling = ConditionSpelling()
    var suggestions = ExemptionSuggestions { spelling.canSpell($0) }
    for finding in ReplayResult.of(events).findings { suggestions.add(finding) }
    return suggestions
  }

  /// A policy with the suggestions as a person would complete them.
  private func policy(_ suggestions: [ExemptionSuggestions.Suggestion]) -> Policy {
    var policy = Policy(mode: .deny)
    policy.exemptions = suggestions.map {
      Exemption(id: $0.id, reason: "because", owner: "obs", conditions: $0.conditions)
    }
    return policy
  }

  @Test func `a DaemonSet's pods are one suggestion, by owner, images and service account`() throws {
    let events = (1...3).map { number in
      var event = TestAuditEvent(
        pod("exporter-\(number)abcd", images: ["exporter:1"], owner: "exporter", generateName: "exporter-")
      )
      event.username = Self.daemonSetController
      event.name = ""
      event.time = "2026-11-2\(number)T10:00:00Z"
      return event
    }
    let found = suggestions(events).suggestions
    #expect(found.map(\.id) == ["payments-exporter"])
    #expect(found.map(\.evidence) == [3])
    let conditions = try #require(found.first?.conditions)
    #expect(conditions.given == [.namespaces, .kinds, .serviceAccounts, .ownerWorkloads, .images])
    #expect(found.first?.first == Timestamp(rfc3339: "2026-11-21T10:00:00Z"))
    #expect(found.first?.last == Timestamp(rfc3339: "2026-11-23T10:00:00Z"))
  }

  @Test func `what happens once is no suggestion, nor what cannot be named exactly`() {
    var wild = TestAuditEvent(pod("w", images: ["a:1"]))
    wild.username = "al*ce"
    let once = TestAuditEvent(pod("once", images: ["a:1"]))
    let bare = TestAuditEvent(pod("bare", images: [""]))
    var odd = TestAuditEvent(pod("odd", images: ["UPPER CASE"]))
    odd.name = "odd"
    var blank = TestAuditEvent(pod("blank", images: ["a:1"]))
    blank.username = " alice"
    let found = suggestions([once, wild, wild, bare, bare, odd, odd, blank, blank])
    #expect(found.suggestions == [])
    #expect(found.leftOut == 8)
  }

  @Test func `what was rejected is no evidence by itself, and is told of beside what was stored`() {
    let stored = TestAuditEvent(pod("web", images: ["a:1"]))
    var rejected = stored
    rejected.code = 403
    #expect(suggestions([rejected, rejected, stored]).suggestions == [])
    let found = suggestions([rejected, stored, stored]).suggestions
    #expect(found.map(\.evidence) == [3])
    #expect(found.map(\.unstored) == [1])
  }

  @Test func `a custom resource is suggested by its kind, so that its images are believed`() {
    var prometheus = TestAuditEvent(
      #"{"apiVersion":"monitoring.coreos.com/v1","kind":"Prometheus","metadata":{"name":"web"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"a:1"}]}}"#
    )
    prometheus.resource = "prometheuses"
    prometheus.group = "monitoring.coreos.com"
    let found = suggestions([prometheus, prometheus]).suggestions
    #expect(found.map(\.conditions.given) == [[.namespaces, .names, .kinds, .users, .images]])
    let replayed = ReplayResult.of([prometheus], ReplaySettings(policy: policy(found)))
    #expect(replayed.findings.map(\.decision.rule) == [.exemption])
  }

  @Test func `a pod with some of the images of another is freed by the same suggestion, and counted in it`() {
    let events = [["a:1"], ["a:1", "b:1"], ["a:1", "b:1"]].map { TestAuditEvent(pod("web", images: $0)) }
    #expect(suggestions(events).suggestions.map(\.evidence) == [3])
  }

  @Test func `a suggestion for one user, name or image frees no other`() {
    var events = (0..<2).map { _ in TestAuditEvent(pod("web", images: ["a:1"])) }
    for change: (inout TestAuditEvent) -> Void in [
      { $0.username = "bob" }, { $0.namespace = "prod" }, { $0.requestObject = pod("web2", images: ["a:1"]) },
      { $0.requestObject = pod("web", images: ["a:2"]) }, { $0.requestObject = pod("web", images: ["a:1", "c:1"]) },
      { $0.requestObject = pod("web", images: ["a:1"], owner: "web") },
    ] {
      var other = events[0]
      change(&other)
      other.responseObject = other.requestObject
      if other.requestObject?.contains("web2") ?? false { other.name = "web2" }
      events.append(other)
    }
    let found = suggestions(events).suggestions
    #expect(found.count == 1)
    let replayed = ReplayResult.of(events, ReplaySettings(policy: policy(found)))
    // The last has the same name, user and images, and an owner of its own that no condition names: it is counted.
    #expect(found.map(\.evidence) == [3])
    #expect(
      replayed.findings.map { $0.decision.rule == .exemption } == [true, true, false, false, false, false, false, true]
    )
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func `a suggestion frees exactly as much as its evidence says`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    func pick<Element>(_ elements: [Element]) -> Element {
      elements[Int.random(in: elements.indices, using: &generator)]
    }
    let events = (0..<120).map { _ in
      let images = Array(["a:1", "b:1", "c:1"].shuffled(using: &generator).prefix(pick([1, 1, 2, 3])))
      let owner = pick([nil, nil, "web", "agent"])
      let name = pick(["web", "agent", "job"])
      let generateName = pick([nil, nil, "web-"])
      var event = TestAuditEvent(pod(name, images: images, owner: owner, generateName: generateName))
      event.name = generateName == nil ? name : ""
      event.username = pick(["alice", "bob", Self.daemonSetController])
      event.namespace = pick(["payments", "prod"])
      event.code = pick([201, 201, 201, 403])
      return event
    }
    let found = suggestions(events)
    #expect(found.leftOut == 0)
    #expect(Set(found.suggestions.map(\.id)).count == found.suggestions.count)
    let total = found.suggestions.map(\.evidence).reduce(0, +)
    #expect(total > 0)
    for suggestion in found.suggestions {
      let replayed = ReplayResult.of(events, ReplaySettings(policy: policy([suggestion])))
      let freed = replayed.findings.count { $0.decision.exemption == suggestion.id }
      #expect(freed == suggestion.evidence, "\(suggestion)")
    }
  }

  @Test func `many different pods of one user do not take quadratic time`() {
    var suggestions = ExemptionSuggestions { _ in true }
    let finding = ReplayResult.of([TestAuditEvent(pod("web", images: ["a:1"]))]).findings[0]
    for number in 0..<60_000 {
      var other = finding
      other.subject.name = "web-\(number / 2)"
      suggestions.add(other)
    }
    #expect(suggestions.suggestions.count == 30_000)
  }
}

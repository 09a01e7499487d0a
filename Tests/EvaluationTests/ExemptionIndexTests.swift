// The index finds what trying every exemption in turn finds.

import TestSupport
import Testing

@testable import Evaluation

@Suite struct ExemptionIndexTests {
  private struct Maker {
    var generator: SeededGenerator

    mutating func pick<Element>(_ elements: [Element]) -> Element {
      elements[Int.random(in: elements.indices, using: &generator)]
    }

    mutating func globs(_ texts: [String]) -> [Glob] {
      (0..<Int.random(in: 1...2, using: &generator)).map { _ in
        let text = pick(texts)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return Glob(String(text.prefix(Int.random(in: 1...text.count, using: &generator))) + "*")
        case 1: return Glob("*" + text.suffix(2))
        case 2: return Glob("?" + text.dropFirst())
        default: return Glob(text)
        }
      }
    }

    mutating func exemption(_ number: Int) -> Exemption {
      var conditions = RequestConditions()
      let count = Int.random(in: 1...3, using: &generator)
      for condition in RequestConditions.Condition.allCases.shuffled(using: &generator).prefix(count) {
        switch condition {
        case .namespaces: conditions.namespaces = globs(Self.namespaces)
        case .names: conditions.names = globs(Self.names)
        case .kinds: conditions.kinds = [pick([KindPattern("Pod"), KindPattern("apps/*"), KindPattern("core/P*")])]
        case .users: conditions.users = globs(Self.users)
        case .groups: conditions.groups = globs(Self.groups)
        case .serviceAccounts:
          conditions.serviceAccounts = [pick(["ci/deployer", "ci/*", "*/deployer", "kube-system/*"])].compactMap {
            ServiceAccountPattern($0)
          }
        case .ownerWorkloads:
          conditions.ownerWorkloads = globs(Self.names).map { WorkloadPattern(kind: Glob("*Set"), name: $0) }
        case .images: conditions.images = globs(Self.images)
        }
      }
      let expires = pick([nil, Judgement.time, Judgement.time.adding(seconds: 1), Judgement.time.adding(seconds: -1)])
      return Exemption(id: "e\(number)", reason: "r", owner: "o", expires: expires, conditions: conditions)
    }

    mutating func request() -> TestRequest {
      var request = TestRequest()
      request.namespace = pick(Self.namespaces + [""])
      request.name = pick(Self.names)
      request.generateName = pick(["", "", "node-", "api"])
      request.operation = pick([.create, .update])
      request.kind = pick([
        GroupVersionKind(apiVersion: "v1", kind: "Pod"), GroupVersionKind(apiVersion: "apps/v1", kind: "DaemonSet"),
      ])
      request.username = pick(Self.users)
      request.groups = Array(Self.groups.shuffled(using: &generator).prefix(Int.random(in: 0...2, using: &generator)))
      request.controller = pick([nil, OwnerReference(kind: "DaemonSet", name: pick(Self.names))])
      request.images = Array(Self.images.shuffled(using: &generator).prefix(Int.random(in: 0...2, using: &generator)))
      return request
    }

    static let namespaces = ["monitoring", "monitor", "payments-eu", "payments-us", "kube-system"]
    static let names = ["node-exporter", "node-problem", "api", "api-gateway", "x"]
    static let users = [
      "alice", "alicia", "system:serviceaccount:ci:deployer", "system:serviceaccount:kube-system:daemon-set-controller",
    ]
    static let groups = ["devs", "devops", "system:masters"]
    static let images = ["quay.io/a:1", "quay.io/a:2", "quay.io/abc:1", "docker.io/evil"]
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `the index finds the first that a scan finds`(seed: UInt64) {
    var maker = Maker(generator: SeededGenerator(seed: seed))
    let exemptions = (0..<Int.random(in: 0...60, using: &maker.generator)).map { maker.exemption($0) }
    let index = ExemptionIndex(exemptions)
    var found = 0
    for _ in 0..<300 {
      let request = maker.request()
      let (subject, attachment) = (request.subject, request.attachment)
      let scanned = exemptions.first {
        $0.isInForce(at: subject.time) && $0.conditions.firstFailure(subject, attachment) == nil
      }
      #expect(index.first(for: subject, attachment) == scanned, "\(subject)")
      if scanned != nil { found += 1 }
    }
    if exemptions.count > 20 { #expect(found > 0) }
  }
}

// Reading a policy: what it means, and everything that is said about one that means nothing.

import Evaluation
import Foundation
import Manifests
import TestSupport
import Testing

@testable import PolicyFile

@Suite struct PolicyLoadTests {
  private func fixture(_ name: String) throws -> PolicyText {
    PolicyText(file: name, content: .success(try Fixtures.bytes("policies/\(name)")))
  }

  @Test func `all problems of a file are told at once, each with its place`() throws {
    let load = PolicyLoad([try fixture("broken.yaml")], at: Judgement.time)
    #expect(load.policy == nil)
    let text = (load.errorLines + load.warningLines).joined(separator: "\n") + "\n"
    #expect(text == (try Fixtures.text("policies/broken.expected")))
  }

  @Test func `the built-in policy as printed is the policy without a file`() {
    let load = PolicyLoad([PolicyText(BuiltInPolicy.text)], at: Judgement.time)
    #expect(load.errors == [])
    #expect(load.policy == PolicyLoad.builtIn.policy)
    #expect(load.policy?.revision.count == 12)
  }

  @Test func `what is commented out in the built-in policy is a policy as well`() throws {
    // A setting that is commented out begins with a key or a list element; prose does not.
    let setting = #/^( *)# ( *(?:- )*(?:[a-zA-Z]+:|- ).*)$/#
    let lines = BuiltInPolicy.text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(2).map { line in
      line.replacing(setting) { String($0.1) + String($0.2) }
    }
    let load = PolicyLoad([PolicyText(lines.joined(separator: "\n"))], at: Judgement.time)
    #expect(load.errorLines == [])
    #expect(load.policy?.exemptions.count == 1)
    #expect(load.policy?.namespaceRules.count == 2)
    #expect(load.policy?.risk.factors.count == 2)
  }

  @Test func `the policy of the deployment's component can be used`() throws {
    let url = Fixtures.packageRoot.appending(path: "manifests/components/policy/policy.yaml")
    let load = PolicyLoad([PolicyText(try String(contentsOf: url, encoding: .utf8))], at: Judgement.time)
    #expect(load.errorLines == [])
    #expect(load.warningLines == [])
    #expect(load.policy?.enforcement == Enforcement(mode: .warn))
    #expect(load.policy?.namespaceRules.count == 1)
    #expect(load.policy?.exemptions == [])
  }

  @Test func `a full policy means what it says`() throws {
    let load = PolicyLoad([try fixture("full.yaml")], at: Judgement.time)
    #expect(load.errorLines == [])
    let policy = try #require(load.policy)
    #expect(policy.enforcement == Enforcement(mode: .warn, denyFrom: Timestamp(rfc3339: "2027-01-01T00:00:00Z")))
    #expect(policy.updates == .unchanged)
    #expect(policy.namespaceRules.map(\.enforcement.mode) == [.audit, .warn])
    let exemption = try #require(policy.exemptions.first)
    #expect(exemption.conditions.given == RequestConditions.Condition.allCases)
    #expect(exemption.expires == Timestamp(rfc3339: "2027-06-30T00:00:00Z"))
    #expect(!exemption.isRecorded)
    #expect(policy.customResources.map(\.kind.text) == ["monitoring.coreos.com/Prometheus"])
    #expect(policy.neverAttaching.map(\.text) == ["policies.example.com/PodRule"])
    #expect(policy.risk.impact == 60)
    #expect(policy.risk.deduplicationSeconds == 43_200)
    #expect(policy.risk.factors.map(\.effect) == [.add(20), .multiply(0.5)])
  }

  @Test func `every setting of a policy changes its revision, and so is read`() throws {
    let text = try Fixtures.text("policies/full.yaml")
    let whole = try #require(PolicyLoad([PolicyText(text)], at: Judgement.time).policy)
    var changed: Set<String> = []
    for (from, to) in [
      (#"denyFrom: "2027-01-01""#, #"denyFrom: "2027-01-02""#),
      ("updates: unchanged", "updates: any"), ("openshift-*", "openshift-?*"), ("mode: audit", "mode: deny"),
      ("08:00:00Z", "08:00:01Z"), ("id: node-exporter", "id: other"), ("own network", "network"),
      ("team-observability", "team"), ("2027-06-30", "2027-06-29"), ("record: false", "record: true"),
      ("[monitoring]", "[monitor]"), (#""node-exporter-*"]"#, #""node-*"]"#), ("[Pod, apps", "[apps"),
      (#"users: ["*"]"#, "users: [bob]"), ("    groups: [ops]\n    service", "    groups: [dev]\n    service"),
      ("daemon-set-controller", "job-controller"), ("- kind: DaemonSet", "- kind: StatefulSet"),
      ("      name: node-exporter", "      name: node-exp"), ("exporter:*", "exporter:v1"),
      ("group: monitoring", "group: monitor"), ("kind: Prometheus", "kind: Alertmanager"),
      ("path: spec.hostNetwork", "path: spec.pod.hostNetwork"), ("policies.example", "rules.example"),
      ("kind: PodRule", "kind: Rule"), ("impact: 60", "impact: 61"), ("confidence: 80", "confidence: 81"),
      ("possibleConfidence: 20", "possibleConfidence: 21"), ("12h", "13h"), ("id: raw", "id: row"),
      ("[NET_RAW]", "[NET_ADMIN]"), ("*-prod", "prod"), ("add: 20", "add: 21"), ("multiply: 0.5", "multiply: 0.6"),
      ("      groups: [ops]", "      groups: [dev]"), ("above: 100", "above: 99"), ("window: 48h", "window: 47h"),
      ("argo-rollouts:*", "argo:*"),
    ] {
      let edited = text.replacing(from, with: to, maxReplacements: 1)
      #expect(edited != text, "\(from)")
      let load = PolicyLoad([PolicyText(edited)], at: Judgement.time)
      #expect(load.errorLines == [], "\(from)")
      let revision = try #require(load.policy?.revision)
      #expect(revision != whole.revision, "\(from)")
      #expect(changed.insert(revision).inserted, "\(from)")
    }
  }

  @Test func `the fixture has every key of the shape, so that no setting is forgotten`() throws {
    func paths(_ shape: Shape, _ path: String) -> [String] {
      switch shape {
      case .object(let fields, _): fields.flatMap { ["\(path).\($0.key)"] + paths($0.shape, "\(path).\($0.key)") }
      case .list(let element): paths(element, path)
      case .text, .choice, .integer, .number, .boolean: []
      }
    }
    func paths(_ node: SourceNode, _ path: String) -> [String] {
      node.members.flatMap { ["\(path).\($0.key)"] + paths($0.value, "\(path).\($0.key)") }
        + node.elements.flatMap { paths($0, path) }
    }
    let documents = ManifestText.documents(in: try Fixtures.bytes("policies/full.yaml"))
    let node = try SourceNode(try #require(documents.first).get(), file: "full.yaml")
    // Of the conditions each object shows some; together they show all.
    let shown = Set(paths(node, "").map { $0.replacing("factors.match", with: "exemptions.match") })
    let known = Set(paths(.policy, "").map { $0.replacing("risk.factors.match", with: "exemptions.match") })
    #expect(known.subtracting(shown.map { $0.replacing("risk.exemptions.match", with: "exemptions.match") }) == [])
  }

  @Test func `a revision is of what a policy means, not of how it is written`() throws {
    let yaml = PolicyLoad.of(
      """
      exemptions:
      - {id: a, reason: r, owner: o, match: {users: [alice]}}   # a comment
      mode: deny
      """
    )
    let json = PolicyLoad(
      [
        PolicyText(
          """
          {"kind": "Policy", "mode": "deny", "apiVersion": "hostfence.dev/v1", "updates": "introduced",
           "exemptions": [{"match": {"users": ["alice"]}, "owner": "o", "reason": "r", "id": "a", "record": true}]}
          """
        )
      ],
      at: Judgement.time
    )
    let split = PolicyLoad.of("mode: deny", "exemptions: [{id: a, reason: r, owner: o, match: {users: [alice]}}]")
    let revision = try #require(yaml.policy?.revision)
    #expect(json.policy?.revision == revision)
    #expect(split.policy?.revision == revision)
    #expect(PolicyLoad.of("mode: deny").policy?.revision != revision)
  }

  @Test func `files are merged, and what two of them set is an error that names both places`() {
    let load = PolicyLoad.of(
      "mode: deny\nexemptions:\n- {id: a, reason: r, owner: o, match: {users: [alice]}}\nrisk: {impact: 1}",
      "exemptions:\n- {id: a, reason: r, owner: o, match: {users: [bob]}}\nmode: deny\nrisk: {impact: 2, confidence: 3}"
    )
    #expect(
      load.errorLines == [
        "1.yaml:4:4: the id a is taken already, in 0.yaml on line 5: give this exemption another",
        "1.yaml:5:1: mode is set already, in 0.yaml on line 3: keep one",
        "1.yaml:6:8: risk.impact is set already, in 0.yaml on line 6: keep one",
      ]
    )
  }

  @Test func `rules of several files keep the order of the files`() throws {
    let policy = try #require(
      PolicyLoad.of("namespaces: [{match: [b], mode: audit}]", "namespaces: [{match: [\"*\"], mode: deny}]").policy
    )
    #expect(policy.mode(in: "b", at: Judgement.time) == .audit)
    #expect(policy.mode(in: "a", at: Judgement.time) == .deny)
    let reversed = PolicyLoad.of(
      "namespaces: [{match: [\"*\"], mode: deny}]",
      "namespaces: [{match: [b], mode: audit}]"
    )
    #expect(
      reversed.errorLines == [
        "1.yaml:3:15: b is never reached: * comes first, in 0.yaml on line 3, and matches all of it; remove it, or move it up"
      ]
    )
  }

  @Test func `denyFrom in one file wants the mode of the other to be warn`() {
    #expect(PolicyLoad.of("mode: warn", "denyFrom: \"2027-01-01\"").errors.isEmpty)
    #expect(
      PolicyLoad.of("mode: deny", "denyFrom: \"2027-01-01\"").errorLines == [
        "1.yaml:3:1: denyFrom is when a warning becomes a denial, and the mode is deny"
      ]
    )
  }

  @Test func `an expired exemption is told of and keeps no server from starting`() {
    let load = PolicyLoad.of(
      "exemptions: [{id: a, reason: r, owner: obs, expires: \"2020-01-01\", match: {users: [alice]}}]"
    )
    #expect(load.policy != nil)
    #expect(load.warningLines.count == 1)
    #expect(load.warningLines.first?.contains("0.yaml:3:45: the exemption a has expired (2020-01-01") ?? false)
  }

  @Test(arguments: [
    ("", "is empty; hostfence policy default prints one to begin with"),
    ("# nothing\n", "is empty; hostfence policy default prints one to begin with"),
    ("apiVersion: v1\nkind: ConfigMap\n", "this is a ConfigMap"),
    ("apiVersion: v1\nkind: Polcy\n", "did you mean Policy?"),
    ("a: 1\na: 2\n", "already set"), ("- 1\n", "object"), ("{{ .Values.policy }}\n", "Helm"),
    ("apiVersion: hostfence.dev/v1\nkind: Policy\nmode:\n", "mode is empty"),
    ("apiVersion: hostfence.dev/v1\nkind: Policy\nnamespaces: {}\n", "namespaces must be a list, not an object"),
    ("mode: warn\n", "has no kind: add it"),
  ])
  func `what is no policy is told so`(text: String, words: String) {
    let load = PolicyLoad([PolicyText(text)], at: Judgement.time)
    #expect(load.policy == nil)
    #expect(load.errorLines.contains { $0.contains(words) }, "\(load.errorLines)")
  }

  @Test func `a hundred thousand levels and a megabyte of nonsense end in an error`() {
    let deep = "mode: " + String(repeating: "[", count: 100_000)
    #expect(PolicyLoad.of(deep).policy == nil)
    let deepJSON = "{\"a\":" + String(repeating: "[", count: 9_000) + String(repeating: "]", count: 9_000) + "}"
    #expect(PolicyLoad([PolicyText(deepJSON)], at: Judgement.time).policy == nil)
    let keys = (0..<5_000).map { "key\($0): \($0)\n" }.joined()
    #expect(PolicyLoad.of(keys).errors.count == 5_000)
  }

  @Test(arguments: [
    ("90s", Int64(90)), ("15m", 900), ("24h", 86_400), ("30d", 2_592_000), ("0d", nil), ("-1d", nil), ("d", nil),
    ("1", nil), ("1.5h", nil), ("9999999999999999999d", nil), ("1w", nil),
  ])
  func `durations are whole numbers of one unit`(text: String, seconds: Int64?) {
    #expect(PolicyMoment.seconds(text) == seconds)
    var check = ShapeCheck()
    #expect(check.accepts(text, .duration) == (seconds != nil))
  }
}

// From a checked tree to the policy it means.

internal import Evaluation
internal import Manifests

/// Where the parts of a policy stand, for checks that compare them.
struct PlacedPolicy: Sendable {
  struct Placed<Part: Sendable>: Sendable {
    let part: Part
    let node: SourceNode
  }

  var policy = Policy()
  var namespaceRules: [Placed<NamespaceRule>] = []
  var exemptions: [Placed<Exemption>] = []
  var factors: [Placed<RiskFactor>] = []
  var customResources: [Placed<CustomResourceRule>] = []
  var neverAttaching: [Placed<KindPattern>] = []
  /// Settings that one file alone may have, by the way to them.
  var settings: [String: SourcePlace] = [:]
  /// Settings that two files have.
  var conflicts: [(name: String, place: SourcePlace, first: SourcePlace)] = []
}

/// Reads files one after the other into one policy; what does not fit the shape is left out, as it was reported.
struct PolicyReader {
  private(set) var placed = PlacedPolicy()

  /// Adds a file.
  mutating func add(_ file: SourceNode) {
    take("mode", in: file) {
      $0.policy.enforcement.mode = $1
    } read: {
      $0.text.flatMap(Mode.init(rawValue:))
    }
    take("denyFrom", in: file) {
      $0.policy.enforcement.denyFrom = $1
    } read: {
      $0.text.flatMap(PolicyMoment.read)
    }
    take("updates", in: file) {
      $0.policy.updates = $1
    } read: {
      $0.text.flatMap(UpdateTolerance.init(rawValue:))
    }
    placed.namespaceRules += Self.parts(file["namespaces"], Self.namespaceRule)
    placed.exemptions += Self.parts(file["exemptions"], Self.exemption)
    placed.neverAttaching += Self.parts(file["neverAttaching"]) { Self.kind($0) }
    placed.customResources += Self.parts(file["customResources"], Self.customResource)
    if let risk = file["risk"] { add(risk: risk) }
  }

  /// The policy that all files make together.
  mutating func finish() -> PlacedPolicy {
    placed.policy.namespaceRules = placed.namespaceRules.map(\.part)
    placed.policy.exemptions = placed.exemptions.map(\.part)
    placed.policy.customResources = placed.customResources.map(\.part)
    placed.policy.neverAttaching = placed.neverAttaching.map(\.part)
    placed.policy.risk.factors = placed.factors.map(\.part)
    return placed
  }

  private mutating func add(risk: SourceNode) {
    take("risk.impact", in: risk) {
      $0.policy.risk.impact = $1
    } read: {
      $0.integer
    }
    take("risk.confidence", in: risk) {
      $0.policy.risk.confidence = $1
    } read: {
      $0.integer
    }
    take("risk.possibleConfidence", in: risk) {
      $0.policy.risk.possibleConfidence = $1
    } read: {
      $0.integer
    }
    take("risk.deduplication", in: risk) {
      $0.policy.risk.deduplicationSeconds = $1
    } read: {
      $0.text.flatMap(PolicyMoment.seconds)
    }
    take("risk.controllers", in: risk) {
      $0.policy.risk.controllers = $1
    } read: {
      Self.globs($0)
    }
    take("risk.escalation", in: risk) {
      $0.policy.risk.escalation = $1
    } read: {
      Self.escalation($0)
    }
    placed.factors += Self.parts(risk["factors"], Self.factor)
  }

  /// Takes a setting that only one file may have.
  private mutating func take<Value>(
    _ name: String,
    in node: SourceNode,
    _ store: (inout PlacedPolicy, Value) -> Void,
    read: (SourceNode) -> Value?
  ) {
    let key = name.split(separator: ".").last.map(String.init) ?? name
    guard let member = node.members.last(where: { $0.key == key }) else { return }
    if let first = placed.settings[name] {
      placed.conflicts.append((name, member.place, first))
      return
    }
    placed.settings[name] = member.place
    if let value = read(member.value) { store(&placed, value) }
  }

  // MARK: - Parts

  private static func parts<Part>(
    _ list: SourceNode?,
    _ read: (SourceNode) -> Part?
  ) -> [PlacedPolicy.Placed<Part>] {
    (list?.elements ?? []).compactMap { node in read(node).map { PlacedPolicy.Placed(part: $0, node: node) } }
  }

  private static func namespaceRule(_ node: SourceNode) -> NamespaceRule? {
    guard let mode = node["mode"]?.text.flatMap(Mode.init(rawValue:)) else { return nil }
    return NamespaceRule(
      patterns: globs(node["match"]),
      enforcement: Enforcement(mode: mode, denyFrom: node["denyFrom"]?.text.flatMap(PolicyMoment.read))
    )
  }

  private static func exemption(_ node: SourceNode) -> Exemption? {
    guard let id = node["id"]?.text else { return nil }
    return Exemption(
      id: id,
      reason: node["reason"]?.text ?? "",
      owner: node["owner"]?.text ?? "",
      expires: node["expires"]?.text.flatMap(PolicyMoment.read),
      isRecorded: node["record"]?.boolean ?? true,
      conditions: conditions(node["match"])
    )
  }

  private static func conditions(_ node: SourceNode?) -> RequestConditions {
    var conditions = RequestConditions()
    conditions.namespaces = globs(node?["namespaces"])
    conditions.names = globs(node?["names"])
    conditions.kinds = texts(node?["kinds"]).map(KindPattern.init)
    conditions.users = globs(node?["users"])
    conditions.groups = globs(node?["groups"])
    conditions.serviceAccounts = texts(node?["serviceAccounts"]).compactMap(ServiceAccountPattern.init)
    conditions.ownerWorkloads = (node?["ownerWorkloads"]?.elements ?? []).compactMap { workload in
      guard let kind = workload["kind"]?.text, let name = workload["name"]?.text else { return nil }
      return WorkloadPattern(kind: Glob(kind), name: Glob(name))
    }
    conditions.images = globs(node?["images"])
    return conditions
  }

  private static func customResource(_ node: SourceNode) -> CustomResourceRule? {
    guard let kind = kind(node), let path = node["path"]?.text else { return nil }
    return CustomResourceRule(kind: kind, path: Glob(path))
  }

  private static func kind(_ node: SourceNode) -> KindPattern? {
    guard let group = node["group"]?.text, !group.isEmpty else { return nil }
    return KindPattern("\(group)/\(node["kind"]?.text ?? "*")")
  }

  private static func escalation(_ node: SourceNode) -> RiskEscalation? {
    guard let above = node["above"]?.integer else { return nil }
    let window = node["window"]?.text.flatMap(PolicyMoment.seconds)
    return window.map { RiskEscalation(above: above, windowSeconds: $0) } ?? RiskEscalation(above: above)
  }

  private static func factor(_ node: SourceNode) -> RiskFactor? {
    guard let id = node["id"]?.text else { return nil }
    guard let effect = effect(node) else { return nil }
    return RiskFactor(
      id: id,
      conditions: conditions(node["match"]),
      aggravations: texts(node["aggravations"]).compactMap(HostNetworkAttachment.Aggravation.init(rawValue:)),
      effect: effect
    )
  }

  private static func effect(_ node: SourceNode) -> RiskFactor.Effect? {
    if let add = node["add"] { return add.integer.map { .add($0) } }
    if let multiply = node["multiply"] { return multiply.number.map { .multiply($0) } }
    return nil
  }

  private static func texts(_ list: SourceNode?) -> [String] { (list?.elements ?? []).compactMap(\.text) }

  private static func globs(_ list: SourceNode?) -> [Glob] { texts(list).map(Glob.init) }
}

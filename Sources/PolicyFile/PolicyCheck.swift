// What no single value shows: parts of a policy that contradict each other, or do nothing.

internal import Evaluation
internal import Manifests

/// Finds contradictions within a policy.
struct PolicyCheck {
  /// What keeps the policy from being used.
  private(set) var errors: [InputProblem] = []
  /// What a person should know; time alone brings these about, so they must not keep a server from starting.
  private(set) var warnings: [InputProblem] = []
  private let now: Timestamp

  /// Checks a policy as it is at a moment.
  init(_ placed: PlacedPolicy, at now: Timestamp) {
    self.now = now
    for conflict in placed.conflicts {
      report(
        conflict.place,
        "\(conflict.name) is set already, \(Self.words(conflict.first, from: conflict.place)): keep one"
      )
    }
    if let place = placed.settings["denyFrom"], placed.policy.enforcement.mode != .warn,
      placed.settings["mode"]?.file != place.file
    {
      report(
        place,
        "denyFrom is when a warning becomes a denial, and the mode is \(placed.policy.enforcement.mode.rawValue)"
      )
    }
    checkIDs(placed.exemptions.map { ($0.part.id, $0.node) }, "exemption")
    checkIDs(placed.factors.map { ($0.part.id, $0.node) }, "risk factor")
    checkReach(placed.namespaceRules)
    checkReach(placed.exemptions)
    for exemption in placed.exemptions { check(exemption) }
    for resource in placed.customResources { check(resource) }
    for kind in placed.neverAttaching { check(kind) }
  }

  private mutating func checkIDs(_ parts: [(id: String, node: SourceNode)], _ what: String) {
    var places: [String: SourcePlace] = [:]
    for part in parts {
      let place = Self.place(of: "id", in: part.node)
      if let first = places[part.id] {
        report(
          place,
          "the id \(part.id) is taken already, \(Self.words(first, from: place)): give this \(what) another"
        )
      } else {
        places[part.id] = place
      }
    }
  }

  /// A pattern behind one that matches all that it matches never decides.
  private mutating func checkReach(_ rules: [PlacedPolicy.Placed<NamespaceRule>]) {
    var earlier = EarlierPatterns()
    for rule in rules {
      let place = Self.place(of: "match", in: rule.node)
      for pattern in rule.part.patterns {
        guard let first = earlier.first(covering: pattern) else { continue }
        report(
          place,
          "\(pattern.text) is never reached: \(first.pattern.text) comes first, \(Self.words(first.place, from: place)), "
            + "and matches all of it; remove it, or move it up"
        )
      }
      for pattern in rule.part.patterns { earlier.add(pattern, place) }
    }
  }

  /// Patterns and where they stand, findable by what they begin with.
  private struct EarlierPatterns {
    private typealias Entry = (pattern: Glob, place: SourcePlace)

    private var byPrefix: [String: [Entry]] = [:]

    mutating func add(_ pattern: Glob, _ place: SourcePlace) {
      byPrefix[pattern.literalPrefix, default: []].append((pattern, place))
    }

    /// A pattern that matches all that another matches begins with a part of the letters that the other begins with.
    func first(covering pattern: Glob) -> (pattern: Glob, place: SourcePlace)? {
      let letters = pattern.literalPrefix
      for end in letters.indices + [letters.endIndex] {
        if let found = byPrefix[String(letters[..<end])]?.first(where: { $0.pattern.covers(pattern) }) { return found }
      }
      return nil
    }
  }

  /// An exemption behind one with the same conditions that holds as long never decides.
  private mutating func checkReach(_ exemptions: [PlacedPolicy.Placed<Exemption>]) {
    var earlier: [[Set<String>]: PlacedPolicy.Placed<Exemption>] = [:]
    for exemption in exemptions {
      let expires = exemption.part.expires?.microseconds ?? .max
      // The order of patterns does not matter.
      let conditions = RequestConditions.Condition.allCases.map { Set(exemption.part.conditions.patterns($0)) }
      guard let first = earlier[conditions] else {
        earlier[conditions] = exemption
        continue
      }
      guard first.part.expires?.microseconds ?? .max >= expires else { continue }
      report(
        exemption.node.place,
        "the exemption \(exemption.part.id) is never reached: \(first.part.id), "
          + "\(Self.words(first.node.place, from: exemption.node.place)), frees the same; remove one"
      )
    }
  }

  private mutating func check(_ exemption: PlacedPolicy.Placed<Exemption>) {
    if !exemption.part.conditions.isEmpty, exemption.part.conditions.areOnlyWildcards {
      report(
        Self.place(of: "match", in: exemption.node),
        "the exemption \(exemption.part.id) names nobody and nothing, as its patterns are only wildcards: write narrower ones, or change the mode"
      )
    }
    if let expires = exemption.part.expires, expires <= now {
      let owner = exemption.part.owner.isEmpty ? "its owner" : exemption.part.owner
      warnings.append(
        Self.place(of: "expires", in: exemption.node).problem(
          "the exemption \(exemption.part.id) has expired (\(expires.brief)): remove it, or have \(owner) renew it"
        )
      )
    }
  }

  private mutating func check(_ resource: PlacedPolicy.Placed<CustomResourceRule>) {
    let kind = resource.part.kind
    guard
      let builtIn = PodSpecPlacement.builtInKinds.first(where: {
        kind.text == "\($0.group.isEmpty ? "core" : $0.group)/\($0.kind)"
      })
    else { return }
    report(
      resource.node.place,
      "\(builtIn.kind) is no custom resource: its pod spec is known, and denied by the mode alone; remove this"
    )
  }

  private mutating func check(_ kind: PlacedPolicy.Placed<KindPattern>) {
    guard let builtIn = PodSpecPlacement.builtInKinds.first(where: { kind.part.matches($0) }) else { return }
    report(
      kind.node.place,
      "this matches \(builtIn.apiVersion) \(builtIn.kind), which makes pods: name a kind that only speaks about them, or "
        + "use an exemption or a mode"
    )
  }

  private mutating func report(_ place: SourcePlace, _ message: String) { errors.append(place.problem(message)) }

  private static func place(of key: String, in node: SourceNode) -> SourcePlace {
    node.members.first { $0.key == key }?.place ?? node.place
  }

  private static func words(_ place: SourcePlace, from other: SourcePlace) -> String {
    place.file == other.file ? "on line \(place.position.line)" : "in \(place.file) on line \(place.position.line)"
  }
}

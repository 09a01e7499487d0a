// Holds a policy file against its shape, and says everything that is wrong with it.

internal import Evaluation
internal import Manifests

/// Finds what does not fit a shape.
struct ShapeCheck {
  private(set) var problems: [InputProblem] = []
  /// The expressions of text rules by their patterns: compiling one takes as long as matching a hundred texts.
  private var expressions: [String: Regex<AnyRegexOutput>] = [:]

  /// Checks a value; `name` is how errors call it.
  mutating func check(_ node: SourceNode, _ shape: Shape, name: String) {
    switch (shape, node.value) {
    case (_, .null): report(node, "\(name) is empty: give it a value, or remove the key")
    case (.object(let fields, let rule), .object(let members)): check(members, of: node, fields, rule, name)
    case (.list(let shape), .list(let elements)):
      if elements.isEmpty { report(node, "\(name) is an empty list: add an element, or remove the key") }
      var texts: Set<String> = []
      for element in elements {
        check(element, shape, name: Self.elementName(name, element))
        if let text = element.text, !texts.insert(text).inserted {
          report(element, "\(name) has \(text.prefix(60)) twice: remove one")
        }
      }
    case (.text(let rule), .text(let text)): check(text, of: node, rule, name)
    case (.choice(let choices), .text(let text)):
      if !choices.contains(text) { reportChoice(node, choices, text, name) }
    case (.integer(let range), .integer), (.integer(let range), .number):
      if !(node.integer.map(range.contains) ?? false) {
        report(
          node,
          "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(Self.shown(node))"
        )
      }
    case (.number(let range), .integer), (.number(let range), .number):
      if !(node.number.map(range.contains) ?? false) {
        report(
          node,
          "\(name) must be a number from \(Int(range.lowerBound)) to \(Int(range.upperBound)), not \(Self.shown(node))"
        )
      }
    case (.boolean, .boolean): break
    default: report(node, "\(name) must be \(Self.expected(shape)), not \(node.description)\(Self.advice(shape, node))")
    }
  }

  private mutating func check(_ text: String, of node: SourceNode, _ rule: TextRule, _ name: String) {
    if !accepts(text, rule) {
      let hint = NearestWord.find(text, in: rule.usual).map { "; did you mean \($0)?" } ?? ""
      report(node, "\(name) must be \(rule.expected), not \"\(text.prefix(60))\"\(hint)")
    } else if rule.pattern == TextRule.moment.pattern, PolicyMoment.read(text) == nil {
      report(node, "\(name): there is no such day as \(text.prefix(10)) in the calendar")
    }
  }

  /// Whether the whole text is as a rule wants it.
  mutating func accepts(_ text: String, _ rule: TextRule) -> Bool {
    let expression = expressions[rule.pattern] ?? rule.expression
    expressions[rule.pattern] = expression
    return expression.flatMap { try? $0.wholeMatch(in: text) } != nil
  }

  private mutating func check(
    _ members: [SourceNode.Member],
    of node: SourceNode,
    _ fields: [Shape.Field],
    _ rule: Shape.Rule,
    _ name: String
  ) {
    for member in members {
      guard let field = fields.first(where: { $0.key == member.key }) else {
        problems.append(member.place.problem(Self.unknown(member.key, fields, name)))
        continue
      }
      check(member.value, field.shape, name: field.key)
    }
    for field in fields where field.isRequired && node[field.key] == nil {
      report(node, "\(name) has no \(field.key): add it. \(field.about)")
    }
    check(rule, node, fields, name)
  }

  private mutating func check(_ rule: Shape.Rule, _ node: SourceNode, _ fields: [Shape.Field], _ name: String) {
    let keys = Set(node.members.map(\.key))
    switch rule {
    case .none: break
    case .anyField:
      // Keys that are not known were told of already.
      if keys.isEmpty {
        report(node, "\(name) is empty: give one of \(fields.map(\.key).joined(separator: ", "))")
      }
    case .oneOf(let first, let second):
      if keys.contains(first) == keys.contains(second) {
        report(node, "\(name) must have either \(first) or \(second): \(keys.contains(first) ? "remove" : "add") one")
      }
    case .denyFromWantsWarn:
      if keys.contains("denyFrom"), let mode = node["mode"]?.text.flatMap(Mode.init(rawValue:)), mode != .warn {
        report(
          node["denyFrom"] ?? node,
          "denyFrom is when a warning becomes a denial, and the mode here is \(mode.rawValue): say mode: warn, or remove denyFrom"
        )
      }
    }
  }

  // MARK: - Words

  private mutating func report(_ node: SourceNode, _ message: String) { problems.append(node.place.problem(message)) }

  private mutating func reportChoice(_ node: SourceNode, _ choices: [String], _ text: String, _ name: String) {
    let list = choices.count == 1 ? choices[0] : "one of \(choices.joined(separator: ", "))"
    let hint = NearestWord.find(text, in: choices).map { "; did you mean \($0)?" } ?? ""
    report(node, "\(name) must be \(list), not \"\(text.prefix(60))\"\(hint)")
  }

  /// Keys by which other tools select objects.
  private static let labelKeys: Set<String> = [
    "labels", "matchLabels", "matchExpressions", "labelSelector", "selector", "podSelector", "objectSelector",
    "namespaceSelector", "annotations",
  ]

  private static func unknown(_ key: String, _ fields: [Shape.Field], _ name: String) -> String {
    if labelKeys.contains(key) {
      return "\(key) cannot be a condition: whoever writes an object writes its labels and annotations, and could free "
        + "itself; name namespaces, users, serviceAccounts, ownerWorkloads or images"
    }
    let keys = fields.map(\.key)
    let hint = NearestWord.find(key, in: keys).map { "did you mean \($0)?" }
    return "\(name) has no key \"\(key.prefix(60))\"; \(hint ?? "it knows \(keys.joined(separator: ", "))")"
  }

  private static func elementName(_ name: String, _ element: SourceNode) -> String {
    guard case .object = element.value else { return name }
    return element["id"]?.text.map { "\($0) in \(name)" } ?? "an element of \(name)"
  }

  private static func expected(_ shape: Shape) -> String {
    switch shape {
    case .object: "an object"
    case .list: "a list"
    case .text(let rule): rule.expected
    case .choice(let choices): "one of \(choices.joined(separator: ", "))"
    case .integer, .number: "a number"
    case .boolean: "true or false"
    }
  }

  /// What most often went wrong where the kind of value does not fit.
  private static func advice(_ shape: Shape, _ node: SourceNode) -> String {
    switch (shape, node.value) {
    case (.list, .text(let text)): "; write [\"\(text.prefix(60))\"]"
    case (.choice, .boolean): "; put it in quotes: in YAML off, no, on and yes alone are false and true"
    case (.text, .integer), (.text, .number): "; put it in quotes if it is meant as text"
    case (.text, .boolean): "; put it in quotes if it is meant as text: in YAML y, on and yes alone are true"
    case (.integer, .text(let text)), (.number, .text(let text)): Double(text) == nil ? "" : "; remove the quotes"
    case (.boolean, .text(let text)): ["true", "false", "yes", "no"].contains(text) ? "; remove the quotes" : ""
    default: ""
    }
  }

  private static func shown(_ node: SourceNode) -> String { node.description.replacing("the number ", with: "") }
}

// What a policy file may hold, as data: the check and the JSON Schema both read it, so neither can know more.

internal import Evaluation

/// The shape of a value.
indirect enum Shape: Sendable {
  case object([Field], Rule = .none)
  /// At least one element, and no text twice.
  case list(Shape)
  case text(TextRule)
  case choice([String])
  case integer(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case boolean

  /// Whether values are text, of which a list has each once.
  var isText: Bool {
    switch self {
    case .text, .choice: true
    default: false
    }
  }

  /// A member of an object.
  struct Field: Sendable {
    let key: String
    let shape: Shape
    let isRequired: Bool
    /// For people, in the schema and in errors.
    let about: String

    init(_ key: String, _ shape: Shape, isRequired: Bool = false, _ about: String) {
      self.key = key
      self.shape = shape
      self.isRequired = isRequired
      self.about = about
    }
  }

  /// What the members of an object must be together.
  enum Rule: Sendable {
    case none
    /// At least one of the fields.
    case anyField
    /// Exactly one of the two.
    case oneOf(String, String)
    /// `denyFrom` makes sense only for the mode `warn`.
    case denyFromWantsWarn
  }
}

/// What a text must look like.
struct TextRule: Sendable {
  /// A regular expression for the whole text, in what ECMA-262 and Swift have in common; `\s` alone is not.
  ///
  /// Every repetition is bounded, as a matcher may go back over all of it.
  let pattern: String
  /// As in "must be …".
  let expected: String
  /// Texts that may have been meant.
  var usual: [String] = []

  /// The regular expression, compiled; keep it where many texts are held against it.
  var expression: Regex<AnyRegexOutput>? { try? Regex(pattern).matchingSemantics(.unicodeScalar) }
}

extension TextRule {
  private static let namespacePattern = "[a-z0-9*?]([a-z0-9*?-]{0,61}[a-z0-9*?])?"
  private static let kindPattern = "[A-Z*?][A-Za-z0-9*?]{0,62}"
  private static let groupPattern = "[a-z0-9*?]([a-z0-9.*?-]{0,251}[a-z0-9*?])?"

  static let id = TextRule(
    pattern: "[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?",
    expected: "an id of at most 63 of a-z, 0-9, - and ., as in node-exporter"
  )
  static let words = TextRule(
    pattern: #"[^<\x00-\x20][\s\S]{0,4095}"#,
    expected: "words of a person, at most 4096 characters; what stands in < > is a placeholder for them"
  )
  static let moment = TextRule(
    pattern: "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
      + "(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?",
    expected: #"a date or an RFC 3339 time, as in "2027-06-30" or "2027-06-30T12:00:00Z""#
  )
  static let duration = TextRule(
    pattern: "[1-9][0-9]{0,5}[smhd]",
    expected: "a whole number of seconds, minutes, hours or days, as in 24h or 7d"
  )
  static let namespace = TextRule(
    pattern: namespacePattern,
    expected: "a namespace, at most 63 of a-z, 0-9 and -, with * and ? as wildcards"
  )
  static let name = TextRule(
    pattern: #"[^/%\x00-\x20]{1,253}"#,
    expected: "a name, at most 253 characters without blanks, / and %, with * and ? as wildcards"
  )
  static let kind = TextRule(
    pattern: "(\(groupPattern)/)?\(kindPattern)",
    expected: "a kind with a capital, as in Deployment or apps/Deployment, with * and ? as wildcards",
    usual: PodSpecPlacement.builtInKinds.map(\.kind)
  )
  static let plainKind = TextRule(
    pattern: kindPattern,
    expected: "a kind with a capital, as in Deployment, with * and ? as wildcards",
    usual: PodSpecPlacement.builtInKinds.map(\.kind)
  )
  static let group = TextRule(
    pattern: groupPattern,
    expected: "an API group, as in monitoring.coreos.com (core for the group without a name), with * and ? as wildcards"
  )
  static let user = TextRule(
    pattern: #"[^\x00-\x20]([^\x00-\x1F]{0,1022}[^\x00-\x20])?"#,
    expected: "a name, at most 1024 characters without blanks at its ends, with * and ? as wildcards"
  )
  /// Whom one believes about owners: everybody would be too many.
  static let controller = TextRule(
    pattern: #"[^*?\x00-\x20]([^\x00-\x1F]{0,1022}[^\x00-\x20])?"#,
    expected:
      "the user name of a controller, as in system:serviceaccount:argo-rollouts:*, not beginning with a wildcard"
  )
  static let serviceAccount = TextRule(
    pattern:
      "(system:serviceaccount:\(namespacePattern):[a-z0-9.*?-]{1,253})|(\(namespacePattern)/[a-z0-9.*?-]{1,253})",
    expected: "a service account as namespace/name or system:serviceaccount:namespace:name, with * and ? as wildcards"
  )
  static let image = TextRule(
    pattern: "[A-Za-z0-9*?]([A-Za-z0-9._/@*?-]|:[A-Za-z0-9._*?-]){0,511}",
    expected: "an image as pod specs write it, as in registry.example.com/team/app:*, with * and ? as wildcards"
  )
  static let path = TextRule(
    pattern: #"([^\x00-\x20/]{0,1023}\*)|(([^\x00-\x20/]{1,1012}\.)?hostNetwork)"#,
    expected:
      "the field as messages name it, at most 1024 characters ending in hostNetwork, as in spec.driver.hostNetwork"
  )
}

// Audit events made to trip the search up; the same for the same seed.

import TestSupport

/// Makes events that mostly match, in every spelling JSON and the flattening of names allow.
struct AnalyticEventGenerator {
  private var generator: SeededGenerator
  /// For each field, in how many of a hundred events it is missing.
  private let absences: [String: Int]

  /// Creates a generator; each seed has fields of its own that are often, seldom or never there.
  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var absences: [String: Int] = [:]
    for field in [
      "kind", "name", "namespace", "requestKind", "code", "sourceIPs", "stage", "username", "groups", "userAgent",
    ] {
      absences[field] = [0, 0, 3, 30, 70].randomElement(using: &generator) ?? 0
    }
    // In a few seeds a field is missing everywhere: all rows vanish, or no event has groups.
    if seed % 6 == 4 { absences["code"] = 100 }
    if seed % 6 == 5 { absences["groups"] = 100 }
    self.generator = generator
    self.absences = absences
  }

  /// Events, one a line.
  mutating func lines(_ count: Int) -> [String] { (0..<count).map { _ in event() } }

  private mutating func event() -> String {
    var members = [("level", text("RequestResponse")), ("verb", verb())]
    members += objectReference() + user() + requestObject()
    if isThere("kind") { members.append(("kind", text("Event"))) }
    if isThere("stage") { members.append(("stage", text(pick(["ResponseComplete", "ResponseComplete", "Panic"])))) }
    if isThere("userAgent") {
      members.append(("userAgent", text(pick(["kubectl/v1.32.4", "Ä\u{1F600}", "a\"\\b", ""]))))
    }
    if isThere("code") {
      let code = pick(["201", "200", #""201""#, "201.5", "1e2", "-7", "18446744073709551615", "true", "null", "[201]"])
      members.append(contains(80) ? ("responseStatus", object([("code", code)])) : ("responseStatus.code", code))
    }
    if isThere("sourceIPs") { members.append(sourceIPs()) }
    if contains(5) { members.append(("verb", verb())) }
    if contains(5) { members.append(("responseObject", object([("metadata", metadata())]))) }
    if contains(5) { members.append(("", object([("verb", text("create"))]))) }
    return object(members.shuffled(using: &generator))
  }

  // MARK: - Fields

  private mutating func verb() -> String {
    guard contains(85) else {
      return pick([#""patch""#, #""created""#, #"" create""#, "null", "1", #"["create"]"#, #""""#])
    }
    return text(pick(["create", "update", "CREATE", "Update", "cReAtE"]))
  }

  private mutating func resource() -> String {
    contains(88)
      ? text(pick(["pods", "pods", "pods", "Pods", "PODS"]))
      : text(pick(["deployments", "pod", "pods ", "pod\u{17F}", ""]))
  }

  private mutating func objectReference() -> [(String, String)] {
    var members = [("resource", resource())]
    if isThere("name") {
      let names = ["web", "Web", "10", "9", "é", "e\u{301}", "\u{FF5E}", "\u{1F600}", "a\u{0}b"]
      members.append(("name", text(pick(names))))
    }
    if isThere("namespace") { members.append(("namespace", pick([#""payments""#, #""kube-system""#, "0", "null"]))) }
    if contains(4) { members.append(("resource", resource())) }
    if contains(4) { return members.map { ("objectRef.\($0.0)", $0.1) } }
    if contains(2) { return [("objectRef", "[\(object(members))]")] }
    return [("objectRef", object(members))]
  }

  private mutating func user() -> [(String, String)] {
    var members: [(String, String)] = []
    if isThere("username") { members.append(("username", text(pick(["alice", "Alice", "bob", "system:admin"])))) }
    if isThere("groups") {
      let group = { (generator: inout Self) in
        generator.text(generator.pick(["devs", "Devs", "10", "100", "9", "70", "system:authenticated", "ß", "0"]))
      }
      members.append(("groups", array(count: pick([0, 1, 2, 2, 5]), group)))
      if contains(4) {
        members.append(("groups", pick([#"[["devs"]]"#, #"[{"a":"devs"}]"#, #""devs""#, "[null]", "[1]"])))
      }
      if contains(3) { members.append(("groups{}", text("odd"))) }
    }
    return contains(3) ? members.map { ("user.\($0.0)", $0.1) } : [("user", object(members))]
  }

  private mutating func sourceIPs() -> (String, String) {
    if contains(3) { return ("sourceIPs{}", text("10.0.0.1")) }
    if contains(3) { return ("sourceIPs", text("10.0.0.1")) }
    let address = { (generator: inout Self) in
      generator.text(generator.pick(["10.0.0.1", "10.0.0.2", "127.0.0.1", "::1"]))
    }
    return ("sourceIPs", array(count: pick([0, 1, 1, 1, 1, 2, 3, 4]), address))
  }

  private mutating func requestObject() -> [(String, String)] {
    if contains(4) { return pick([[], [("requestObject", "null")], [("requestObject", #"[{"op":"add"}]"#)]]) }
    var members: [(String, String)] = []
    if isThere("requestKind") { members.append(("kind", text(pick(["Pod", "Pod", "pod"])))) }
    if contains(4) {
      members.append(("metadata.annotations", annotations()))
    } else {
      members.append(("metadata", metadata()))
    }
    return [("requestObject", object(members))]
  }

  private mutating func metadata() -> String {
    var members = [("name", text("web"))]
    members.append(contains(97) ? ("annotations", annotations()) : ("annotations", "[\(annotations())]"))
    return object(members)
  }

  private mutating func annotations() -> String {
    let key = "kubectl.kubernetes.io/last-applied-configuration"
    var members = [("team", text("a"))]
    switch number(100) {
    case 0..<88: members.append((key, annotation()))
    case 88..<90: members.append(("kubectl", object([("kubernetes.io/last-applied-configuration", annotation())])))
    case 90..<92:
      let inner = object([("io/last-applied-configuration", annotation())])
      members.append(("kubectl", object([("kubernetes", inner)])))
    case 92..<94: members.append(("kubectl.kubernetes", object([("io/last-applied-configuration", annotation())])))
    case 94..<95: members.append(("Kubectl.kubernetes.io/last-applied-configuration", annotation()))
    case 95..<96: members.append((key + "{}", annotation()))
    case 96..<97: members.append((key, "[\(annotation())]"))
    default: break
    }
    if contains(5) { members.append((key, annotation())) }
    return object(members)
  }

  private mutating func annotation() -> String {
    if contains(3) { return pick(["true", "null", "1", "{}"]) }
    let found = [
      #"{"spec":{"hostNetwork":true}}"# + "\n", #""hostNetwork":true"#, #"{"spec":{"HOSTNETWORK":TRUE}}"#,
      #"{"metadata":{"name":"ü"},"spec":{"hostNetwork":trueish}}"#, #"""hostNetwork":true"#, "\n\"hostNetwork\":true\n",
    ]
    let missed = [
      #"{"spec":{"hostNetwork": true}}"#, #"{"spec":{"hostNetwork":false}}"#, #"{"a":"\"hostNetwork\":true"}"#,
      "{\"spec\":{\"hostNetwor\u{212A}\":true}}", #"{"spec":{"hostNetwork" :true}}"#, "", #"hostNetwork":true"#,
      #""hostNetwork":tru"#,
    ]
    return text(contains(85) ? pick(found) : pick(missed))
  }

  // MARK: - JSON

  private mutating func object(_ members: [(String, String)]) -> String {
    let texts = members.map { "\(text($0.0))\(space()):\(space())\($0.1)" }
    return "{" + texts.joined(separator: "\(space()),\(space())") + "}"
  }

  private mutating func array(count: Int, _ element: (inout Self) -> String) -> String {
    "[" + (0..<count).map { _ in element(&self) }.joined(separator: ",") + "]"
  }

  /// A string, now and then with a letter or a quote written as an escape.
  private mutating func text(_ value: String) -> String {
    let quoted = TestJSON.string(value).text
    guard contains(6) else { return quoted }
    return quoted.replacing("e", with: #"\u0065"#).replacing(#"\""#, with: #"\u0022"#)
  }

  private mutating func space() -> String { contains(5) ? pick([" ", "\t", "  "]) : "" }
  private mutating func isThere(_ field: String) -> Bool { !contains(absences[field] ?? 0) }
  private mutating func contains(_ percent: Int) -> Bool { number(100) < percent }
  private mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
  private mutating func pick<Value>(_ values: [Value]) -> Value { values[number(values.count)] }
}

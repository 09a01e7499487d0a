// Test cases that users keep beside their policy.

internal import Evaluation
internal import Manifests

/// One case: a request, and the verdict that it must get.
struct PolicyTestCase: Sendable {
  let name: String
  let place: SourcePlace
  let input: String
  let oldInput: String?
  // Nil where the case does not say.
  let user: String?
  let groups: [String]
  let operation: Evaluation.Operation?
  let subresource: String?
  let namespace: String?
  let time: Timestamp?
  let verdict: Verdict
  let rule: String?
  let exemption: String?
  let reason: String?

  /// Whether nothing is said of the request that an AdmissionReview says itself.
  var leavesAllToInput: Bool {
    user == nil && groups.isEmpty && operation == nil && subresource == nil && namespace == nil && oldInput == nil
  }
}

extension Shape {
  /// A file of test cases.
  static let policyTest = Shape.object([
    Field("apiVersion", .choice(["hostfence.dev/v1"]), isRequired: true, "The version of this format."),
    Field("kind", .choice(["PolicyTest"]), isRequired: true, "Always PolicyTest."),
    Field("policy", .list(.text(.words)), "The policy's files and folders, from this file's folder."),
    Field("cases", .list(testCase), isRequired: true, "The cases."),
  ])

  private static let testCase = Shape.object([
    Field("name", .text(.words), isRequired: true, "What the case shows."),
    Field("input", .text(.words), isRequired: true, "A manifest or an AdmissionReview, from this file's folder."),
    Field("oldInput", .text(.words), "For an UPDATE: the object before."),
    Field("operation", .choice(Evaluation.Operation.allCases.map(\.rawValue)), "CREATE by default."),
    Field(
      "subresource",
      .choice(["ephemeralcontainers", "resize", "scale", "status"]),
      "What of the object is written."
    ),
    Field("user", .text(.user), "The requester's name."),
    Field("groups", .list(.text(.user)), "The requester's groups."),
    Field("namespace", .text(.namespace), "The namespace of a manifest that names none."),
    Field("time", .text(.moment), "When the request comes; now by default."),
    Field("expect", expectation, isRequired: true, "What must become of it."),
  ])

  private static let expectation = Shape.object([
    Field("verdict", .choice(Verdict.allCases.map(\.rawValue)), isRequired: true, "allow, warn or deny."),
    Field("rule", .choice(Decision.Rule.allCases.map(\.rawValue)), "The rule that decides."),
    Field("exemption", .text(.id), "The exemption that frees it."),
    Field("reason", .text(.words), "Words that the reason must contain."),
  ])
}

/// What a file of test cases says.
struct PolicyTestFile: Sendable {
  let file: String
  /// As seen from the working folder.
  let policyPaths: [String]
  let cases: [PolicyTestCase]

  /// Reads a document; nil, with the problems, when it does not fit.
  ///
  /// Nil without any when it is something else.
  static func read(_ document: RenderedDocument, file: String) -> (file: PolicyTestFile?, problems: [InputProblem]) {
    let node: SourceNode
    do throws(InputProblem) { node = try SourceNode(document, file: file) } catch { return (nil, [error]) }
    guard node["kind"]?.text == "PolicyTest" else {
      // A misspelt kind of ours would be left out in silence, and its cases with it.
      guard let version = node["apiVersion"]?.text, version.hasPrefix("hostfence.dev/"), node["kind"]?.text != "Policy"
      else { return (nil, []) }
      return (nil, [node.place.problem("this is of \(version), and neither a PolicyTest nor a Policy; fix its kind")])
    }
    var check = ShapeCheck()
    check.check(node, .policyTest, name: "the test file")
    guard check.problems.isEmpty else { return (nil, check.problems) }
    let test = PolicyTestFile(
      file: file,
      policyPaths: (node["policy"]?.elements ?? []).compactMap(\.text).map { beside(file, $0) },
      cases: (node["cases"]?.elements ?? []).compactMap { testCase($0, file) }
    )
    return (test, [])
  }

  private static func testCase(_ node: SourceNode, _ file: String) -> PolicyTestCase? {
    guard let name = node["name"]?.text, let input = node["input"]?.text, let expect = node["expect"],
      let verdict = expect["verdict"]?.text.flatMap(Verdict.init(rawValue:))
    else { return nil }
    return PolicyTestCase(
      name: name,
      place: node.place,
      input: beside(file, input),
      oldInput: node["oldInput"]?.text.map { beside(file, $0) },
      user: node["user"]?.text,
      groups: (node["groups"]?.elements ?? []).compactMap(\.text),
      operation: node["operation"]?.text.flatMap(Evaluation.Operation.init(rawValue:)),
      subresource: node["subresource"]?.text,
      namespace: node["namespace"]?.text,
      time: node["time"]?.text.flatMap(PolicyMoment.read),
      verdict: verdict,
      rule: expect["rule"]?.text,
      exemption: expect["exemption"]?.text,
      reason: expect["reason"]?.text
    )
  }

  /// A path as seen from a file's folder.
  private static func beside(_ file: String, _ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return "\(file[...slash])\(path)"
  }
}

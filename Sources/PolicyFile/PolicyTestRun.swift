// Runs test cases against a policy.

package import Evaluation
internal import JSONDocument
package import Manifests

/// One case and how it went.
package struct PolicyTestResult: Sendable, Equatable {
  package let file: String
  package let position: SourcePosition
  package let name: String
  /// What is not as expected, one sentence each; empty when the case passes.
  package let failures: [String]
}

/// A run of all test cases in some folders.
package struct PolicyTestRun: Sendable {
  package private(set) var results: [PolicyTestResult] = []
  /// Tests that could not be run; any of these fails the run.
  package private(set) var problems: [InputProblem] = []

  private let now: Timestamp

  /// Runs the tests in files and folders.
  ///
  /// - Parameters:
  ///   - policy: judges instead of the policies that the test files name.
  ///   - now: the time of requests that say none.
  package init(_ paths: [String], policy: Policy?, at now: Timestamp) {
    self.now = now
    let (files, unresolved) = ManifestFiles.resolve(paths)
    problems = unresolved
    for file in files { run(file.path, policy) }
    if results.isEmpty, problems.isEmpty {
      problems.append(
        InputProblem(file: paths.first ?? "", message: "there are no tests here: none of kind: PolicyTest with cases")
      )
    }
  }

  private mutating func run(_ file: String, _ policy: Policy?) {
    let bytes: [UInt8]
    do throws(ManifestFileError) { bytes = try ManifestFiles.read(file) } catch {
      problems.append(InputProblem(file: file, message: error.description))
      return
    }
    for document in ManifestText.documents(in: bytes) {
      switch document {
      case .failure(let error):
        problems.append(InputProblem(file: file, position: error.position, message: error.message))
      case .success(let rendered):
        let (test, found) = PolicyTestFile.read(rendered, file: file)
        problems += found
        if let test { run(test, policy) }
      }
    }
  }

  private mutating func run(_ test: PolicyTestFile, _ given: Policy?) {
    var policy = given
    if policy == nil {
      let load =
        test.policyPaths.isEmpty ? PolicyLoad.builtIn : PolicyLoad(PolicyText.read(test.policyPaths), at: now)
      problems += load.errors
      policy = load.policy
    }
    guard let policy else { return }
    let evaluator = Evaluator(policy: policy)
    for testCase in test.cases {
      do throws(InputProblem) {
        let failures = try self.failures(testCase, evaluator)
        results.append(
          PolicyTestResult(
            file: test.file,
            position: testCase.place.position,
            name: testCase.name,
            failures: failures
          )
        )
      } catch {
        problems.append(error)
      }
    }
  }

  // MARK: - One case

  private func failures(_ testCase: PolicyTestCase, _ evaluator: Evaluator) throws(InputProblem) -> [String] {
    let review = try review(testCase)
    let time = testCase.time ?? now
    do {
      return try JSONParser().withDocument(review) { document in
        do {
          let request = try AdmissionRequest(review: document.value(at: document.index), at: time)
          let decision = try evaluator.evaluate(request)
          return Self.failures(testCase, decision, Wording(for: request))
        } catch {
          return ["expected \(testCase.verdict.rawValue), and it cannot be judged: \(error)"]
        }
      }
    } catch {
      throw testCase.place.problem("the input \(testCase.input) cannot be read: \(error)")
    }
  }

  private static func failures(_ testCase: PolicyTestCase, _ decision: Decision, _ wording: Wording) -> [String] {
    var failures: [String] = []
    let reasons = decision.attachments.map { wording.reason($0) }
    if decision.verdict != testCase.verdict {
      let why = reasons.first.map { ": \($0)" } ?? ""
      failures.append("expected the verdict \(testCase.verdict.rawValue), not \(decision.verdict.rawValue)\(why)")
    }
    if let rule = testCase.rule, rule != decision.rule.rawValue {
      failures.append("expected the rule \(rule), not \(decision.rule.rawValue)")
    }
    if let exemption = testCase.exemption, exemption != decision.exemption {
      failures.append("expected the exemption \(exemption), not \(decision.exemption ?? "none")")
    }
    if let reason = testCase.reason, !reasons.contains(where: { $0.contains(reason) }) {
      failures.append("expected \"\(reason)\" in the reason, which is \(reasons.first.map { "\"\($0)\"" } ?? "none")")
    }
    return failures
  }

  /// The AdmissionReview of a case: its input, or one made around it.
  private func review(_ testCase: PolicyTestCase) throws(InputProblem) -> [UInt8] {
    let object = try document(testCase.input, testCase)
    let facts = ObjectFacts(object)
    if facts.isReview {
      guard testCase.leavesAllToInput else {
        throw testCase.place.problem(
          "\(testCase.input) is an AdmissionReview, which says who and what: remove user, groups, operation, subresource, namespace and oldInput"
        )
      }
      return object
    }
    guard let kind = facts.kind else {
      throw testCase.place.problem("\(testCase.input) is no Kubernetes object: it has no apiVersion and kind")
    }
    let oldObject: [UInt8]?
    if let oldInput = testCase.oldInput { oldObject = try document(oldInput, testCase) } else { oldObject = nil }
    guard testCase.operation != .update || oldObject != nil else {
      throw testCase.place.problem("an UPDATE wants oldInput: the object before")
    }
    return Self.review(testCase, object, facts, kind, oldObject)
  }

  private static func review(
    _ testCase: PolicyTestCase,
    _ object: [UInt8],
    _ facts: ObjectFacts,
    _ kind: GroupVersionKind,
    _ oldObject: [UInt8]?
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("apiVersion", "admission.k8s.io/v1")
    writer.field("kind", "AdmissionReview")
    writer.key("request")
    writer.beginObject()
    writer.field("uid", "policy-test")
    writer.field("operation", (testCase.operation ?? .create).rawValue)
    writer.field("subResource", testCase.subresource)
    writer.key("kind")
    writer.beginObject()
    writer.field("group", kind.group)
    writer.field("version", kind.version)
    writer.field("kind", kind.kind)
    writer.endObject()
    writer.field("namespace", facts.namespace.isEmpty ? testCase.namespace : facts.namespace)
    writer.key("userInfo")
    writer.beginObject()
    writer.field("username", testCase.user ?? "")
    writer.field("groups", testCase.groups)
    writer.endObject()
    writer.key("object")
    writer.raw(String(decoding: object, as: UTF8.self))
    if let oldObject {
      writer.key("oldObject")
      writer.raw(String(decoding: oldObject, as: UTF8.self))
    }
    writer.endObject()
    writer.endObject()
    return writer.bytes
  }

  /// The one document of a file, as JSON.
  private func document(_ file: String, _ testCase: PolicyTestCase) throws(InputProblem) -> [UInt8] {
    let bytes: [UInt8]
    do throws(ManifestFileError) { bytes = try ManifestFiles.read(file) } catch {
      throw testCase.place.problem("the input \(file) \(error.description)")
    }
    let documents = ManifestText.documents(in: bytes)
    guard documents.count == 1 else {
      throw testCase.place.problem("the input \(file) must hold one object, and holds \(documents.count)")
    }
    do { return try documents[0].get().json } catch { throw testCase.place.problem("the input \(file): \(error)") }
  }
}

/// What an input says of itself.
private struct ObjectFacts {
  var isReview = false
  var kind: GroupVersionKind?
  var namespace = ""

  init(_ json: [UInt8]) {
    let read: ObjectFacts? = try? JSONParser().withDocument(json) { object in
      var facts = ObjectFacts()
      facts.isReview = AdmissionRequest.isReview(object)
      if let apiVersion = object.string("apiVersion"), let kind = object.string("kind") {
        facts.kind = GroupVersionKind(apiVersion: apiVersion, kind: kind)
      }
      facts.namespace = object.object("metadata")?.string("namespace") ?? ""
      return facts
    }
    if let read { self = read }
  }

  private init() {}
}

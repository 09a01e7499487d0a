// From files to a policy in one step, with everything that is to be said about them.

package import Evaluation
package import Manifests

/// What reading a policy came to.
package struct PolicyLoad: Sendable {
  /// Nil when there are errors.
  package let policy: Policy?
  /// What keeps the policy from being used, in the order of files and lines.
  package let errors: [InputProblem]
  /// What a person should know all the same.
  package let warnings: [InputProblem]

  /// The policy without any file: `Policy()`, with its revision.
  package static let builtIn = PolicyLoad.revised(Policy())

  /// Reads the files of one policy, merged in their order.
  ///
  /// - Parameter now: tells which exemptions have expired.
  package init(_ texts: [PolicyText], at now: Timestamp) {
    var reading = Reading()
    for text in texts { reading.add(text) }
    let placed = reading.reader.finish()
    let check = PolicyCheck(placed, at: now)
    errors = Self.sorted(reading.errors + reading.shape.problems + check.errors, texts)
    warnings = Self.sorted(reading.warnings + check.warnings, texts)
    policy = errors.isEmpty ? Self.revised(placed.policy).policy : nil
  }

  /// The files read so far.
  private struct Reading {
    var errors: [InputProblem] = []
    var warnings: [InputProblem] = []
    var shape = ShapeCheck()
    var reader = PolicyReader()

    mutating func add(_ text: PolicyText) {
      do throws(ManifestFileError) {
        let bytes = try text.content.get()
        let documents = ManifestText.documents(in: bytes)
        if documents.isEmpty { throw ManifestFileError("is empty; hostfence policy default prints one to begin with") }
        for document in documents { add(document, text.file) }
      } catch {
        errors.append(InputProblem(file: text.file, message: error.description))
      }
    }

    private mutating func add(_ document: ManifestResult, _ file: String) {
      switch document {
      case .failure(let error):
        errors.append(InputProblem(file: file, position: error.position, message: error.message))
      case .success(let rendered):
        warnings += rendered.warnings.map { InputProblem(file: file, position: $0.position, message: $0.message) }
        do throws(InputProblem) {
          let node = try SourceNode(rendered, file: file)
          if let problem = PolicyLoad.otherKind(node) { throw problem }
          shape.check(node, .policy, name: "the policy")
          reader.add(node)
        } catch {
          errors.append(error)
        }
      }
    }
  }

  private init(policy: Policy) {
    self.policy = policy
    errors = []
    warnings = []
  }

  private static func revised(_ policy: Policy) -> PolicyLoad {
    var policy = policy
    policy.revision = PolicyDigest.revision(of: policy)
    return PolicyLoad(policy: policy)
  }

  /// What to say about a document that is meant to be something else.
  private static func otherKind(_ node: SourceNode) -> InputProblem? {
    guard let kind = node["kind"]?.text, kind != "Policy" else { return nil }
    if kind == "ConfigMap" {
      return node.place.problem(
        "this is a ConfigMap: mount it, and name the file that its data becomes; or write that text into a file of its own"
      )
    }
    if kind == "PolicyTest" {
      return node.place.problem("this is a PolicyTest: keep tests in a folder of their own, beside the policy's")
    }
    let hint = NearestWord.find(kind, in: ["Policy"]).map { "; did you mean \($0)?" } ?? ""
    return node.place.problem("this is a \(kind.prefix(60)), and no policy (kind: Policy)\(hint)")
  }

  /// In the order of files and lines.
  private static func sorted(_ problems: [InputProblem], _ texts: [PolicyText]) -> [InputProblem] {
    let order = Dictionary(texts.enumerated().map { ($1.file, $0) }, uniquingKeysWith: min)
    let start = SourcePosition(line: 1, column: 1)
    return problems.enumerated().sorted { left, right in
      let files = (order[left.element.file] ?? 0, order[right.element.file] ?? 0)
      let places = (left.element.position ?? start, right.element.position ?? start)
      return (files.0, places.0, left.offset) < (files.1, places.1, right.offset)
    }.map(\.element)
  }
}

// Policies for tests.

import Evaluation
import Manifests
import TestSupport

@testable import PolicyFile

extension PolicyText {
  init(_ text: String, file: String = "policy.yaml") {
    self.init(file: file, content: .success(Array(text.utf8)))
  }
}

extension PolicyLoad {
  static let head = "apiVersion: hostfence.dev/v1\nkind: Policy\n"

  /// The problems of a policy whose text follows the head, which is two lines.
  static func of(_ texts: String...) -> PolicyLoad {
    let files = texts.enumerated().map { PolicyText(head + $1, file: "\($0).yaml") }
    return PolicyLoad(files, at: Judgement.time)
  }

  /// Errors as `file:line:column: message`.
  var errorLines: [String] { Self.lines(errors) }
  var warningLines: [String] { Self.lines(warnings) }

  private static func lines(_ problems: [InputProblem]) -> [String] {
    problems.map { problem in
      "\(problem.file):\(problem.position?.line ?? 0):\(problem.position?.column ?? 0): \(problem.message)"
    }
  }
}

// What is wrong with a policy, for people and for editors that jump to `file:line:column`.

internal import Evaluation
package import Manifests
package import PolicyFile

/// The problems of a policy in lines.
package enum PolicyProblemsText {
  /// One line per problem, each ending in a line feed.
  package static func render(_ load: PolicyLoad, style: TextStyle) -> String {
    let errors = load.errors.map { ProblemLine.text($0, style.failure("error"), style) }
    let warnings = load.warnings.map { ProblemLine.text($0, style.caution("note"), style) }
    return (errors + warnings).joined()
  }

  /// One problem as `file:line:column: message`, for a log.
  package static func plainLine(_ problem: InputProblem) -> String {
    let place = problem.position.map { "\(problem.file):\($0.line):\($0.column)" } ?? problem.file
    return Wording.singleLine("\(place): \(problem.message)")
  }
}

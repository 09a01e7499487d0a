// What a check found: attachments with their lines, inputs that could not be judged, and how much was looked at.

package import Evaluation

/// One attachment in a manifest, judged.
package struct Finding: Sendable, Equatable {
  /// The file as the user named it, or `<stdin>`.
  package var file: String
  /// Where the `hostNetwork` key stands; an anchor's text when it came through an alias.
  package var position: SourcePosition
  package var apiVersion: String
  package var kind: String
  package var namespace: String
  package var name: String
  package var judged: Decision.JudgedAttachment
  /// Which policy decided; see `Policy.revision`.
  package var policyRevision: String
  package var message: String
}

/// Something in an input that a person should know.
package struct InputProblem: Error, Equatable {
  package var file: String
  /// Nil when the whole file is meant.
  package var position: SourcePosition?
  package var message: String

  /// Creates a problem with an input, or with a place in it.
  package init(file: String, position: SourcePosition? = nil, message: String) {
    self.file = file
    self.position = position
    self.message = message
  }
}

/// Everything a check has to say.
package struct CheckResult: Sendable, Equatable {
  /// In the order of files and lines.
  package var findings: [Finding] = []
  /// What could not be judged; any of these makes the check fail with exit code 2.
  package var unreadable: [InputProblem] = []
  /// What was judged all the same.
  package var warnings: [InputProblem] = []
  package var fileCount = 0
  /// Objects judged, the items of lists counted singly.
  package var objectCount = 0
  /// Documents that are no Kubernetes objects, as a chart's values or a pipeline's definition.
  package var otherDocumentCount = 0

  /// Creates an empty result.
  package init() {}

  /// How many findings have a verdict.
  package func count(_ verdict: Verdict) -> Int { findings.count { $0.judged.verdict == verdict } }
}

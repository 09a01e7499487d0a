// `hostfence policy explain`

internal import ArgumentParser
internal import Evaluation
internal import Manifests
internal import PolicyFile
internal import Reports

struct PolicyExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say, rule by rule, why an object gets its verdict, and what would change it.",
    discussion: """
      Takes manifests, and AdmissionReviews with the user and operation that they carry. The exit code is that of check.

      EXAMPLES
        hostfence policy explain --policy policy.yaml --as alice pod.yaml
        hostfence policy explain --policy policy.yaml --at 2027-01-01T00:00:00Z review.json
      """
  )

  @Argument(help: ArgumentHelp("A manifest or an AdmissionReview, or - for standard input.", valueName: "request"))
  var paths: [String]

  @OptionGroup var policyOptions: PolicyOptions
  @OptionGroup var requester: RequesterOptions

  func run() throws {
    let policy = try policyOptions.load()
    let style = StandardStream.output.style
    var texts: [String] = []
    var checker = requester.checker(policy, duplicateKeys: .error) { request in
      texts.append(ExplanationText.render(Explanation(request, by: policy), policy: policy.revision, style: style))
    }
    checker.checkFiles(paths)
    try StandardStream.output.deliver(Array(texts.joined(separator: "\n").utf8))
    let problems = checker.result.unreadable.map { "\(PolicyProblemsText.plainLine($0))\n" }
    StandardStream.error.write(problems.joined())
    throw Termination.code(Reports.ExitCode(checker.result, failOn: .deny))
  }
}

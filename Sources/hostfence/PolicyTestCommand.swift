// `hostfence policy test`

internal import ArgumentParser
internal import Evaluation
internal import PolicyFile
internal import Reports

struct PolicyTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run test cases that are kept beside a policy.",
    discussion: """
      Reads the files of kind PolicyTest in a folder. Each case names an input (a manifest or an AdmissionReview), who sends \
      it and when, and the verdict that it must get:

        apiVersion: hostfence.dev/v1
        kind: PolicyTest
        policy: [../policy.yaml]
        cases:
        - name: payments may not attach
          input: deployment.yaml
          user: alice
          time: "2026-12-01"
          expect:
            verdict: deny          # and, where it matters: rule, exemption, reason

      Exit code 0: all pass. 1: some fail. 2: some could not be run.
      """
  )

  @Argument(help: ArgumentHelp("Folders and files of tests.", valueName: "dir"))
  var paths: [String]

  @Option(
    name: .customLong("policy"),
    help: ArgumentHelp("Judge by this policy instead of those that the tests name; may be repeated.", valueName: "path")
  )
  var policyPaths: [String] = []

  @Option(help: ArgumentHelp("text or junit, and a file to write it to; may be repeated.", valueName: "format[=file]"))
  var output: [ReportOutput<PolicyTestFormat>] = [ReportOutput(format: .text)]

  func validate() throws { try validateOutputs(output.map(\.file)) }

  func run() throws {
    let now = SystemClock.now()
    var policy: Policy?
    if !policyPaths.isEmpty {
      var options = PolicyOptions()
      options.paths = policyPaths
      policy = try options.load()
    }
    let run = PolicyTestRun(paths, policy: policy, at: now)
    for output in output {
      let report =
        output.format == .junit ? PolicyTestReport.junit(run) : PolicyTestReport.text(run, style: output.style)
      try output.deliver(report)
    }
    StandardStream.error.write("hostfence: \(PolicyTestReport.summary(run))\n")
    throw Termination.code(PolicyTestReport.exitCode(run))
  }
}

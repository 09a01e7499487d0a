// `hostfence check`

internal import ArgumentParser
internal import Evaluation
internal import Manifests
internal import Reports

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Judge manifests offline, as the webhook would.",
    discussion: """
      Reads YAML and JSON: files, folders (their .yaml, .yml and .json files at any depth) and standard input (-). Lists \
      are taken apart; AdmissionReview documents are judged with the user and operation they carry. Each finding names \
      file, line and column of the hostNetwork key.

      EXAMPLES
        hostfence check deploy/
        kustomize build overlays/prod | hostfence check --mode deny -
        hostfence check --output text --output json=findings.json .
      """
  )

  @Argument(help: ArgumentHelp("Files and folders to judge, or - for standard input.", valueName: "path"))
  var paths: [String]

  @OptionGroup var policyOptions: PolicyOptions

  @Option(help: ArgumentHelp("text or json, and a file to write it to; may be repeated.", valueName: "format[=file]"))
  var output: [ReportOutput<ReportFormat>] = [ReportOutput(format: .text)]

  @Option(help: "deny, warn or never: the verdict from which on the exit code is 1.")
  var failOn: FailOn = .deny

  @Option(help: "error or warn: what an object with the same key twice is. kubectl takes the last in silence.")
  var duplicateKeys: DuplicateKeys = .error

  @OptionGroup var requester: RequesterOptions

  enum DuplicateKeys: String, ExpressibleByArgument, CaseIterable {
    case error
    case warn
  }

  func validate() throws {
    if paths.isEmpty { throw ValidationError("name a file or folder to judge, or - for standard input") }
    try validateOutputs(output.map(\.file))
  }

  func run() throws {
    let policy = try policyOptions.load()
    var checker = requester.checker(policy, duplicateKeys: duplicateKeys == .error ? .error : .warn)
    checker.checkFiles(paths)
    for output in output { try output.deliver(render(checker.result, output)) }
    StandardStream.error.write("hostfence: \(CheckTextReport.summary(checker.result))\n")
    throw Termination.code(Reports.ExitCode(checker.result, failOn: failOn))
  }

  private func render(_ result: CheckResult, _ output: ReportOutput<ReportFormat>) -> [UInt8] {
    switch output.format {
    case .json: CheckJSONReport.render(result)
    case .text:
      CheckTextReport.render(
        result,
        style: output.file == nil ? StandardStream.output.style : TextStyle(isColoured: false)
      )
    }
  }
}

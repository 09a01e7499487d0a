// `hostfence policy check`

internal import ArgumentParser
internal import Evaluation
internal import PolicyFile
internal import Reports

struct PolicyCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say everything that is wrong with a policy, and which exemptions have expired or soon will.",
    discussion: """
      Files, or a folder of them, are checked as the one policy that they make. Exit code 0: it can be used. 1: it can, and \
      exemptions have expired (with --within also: will have by then). 2: it cannot.

      EXAMPLES
        hostfence policy check policy.yaml
        hostfence policy check --within 30d policies/
      """
  )

  @Argument(help: ArgumentHelp("Policy files and folders of them.", valueName: "path"))
  var paths: [String]

  @Option(help: ArgumentHelp("List exemptions that expire within this time, too: 30d, 12h.", valueName: "duration"))
  var within: String?

  @Option(help: ArgumentHelp("text or json, and a file to write it to; may be repeated.", valueName: "format[=file]"))
  var output: [ReportOutput<ReportFormat>] = [ReportOutput(format: .text)]

  func validate() throws {
    if paths.isEmpty { throw ValidationError("name a policy file, or a folder of them") }
    try validateOutputs(output.map(\.file))
    if let within, PolicyMoment.seconds(within) == nil {
      throw ValidationError("--within must be a whole number of seconds, minutes, hours or days, as in 30d")
    }
  }

  func run() throws {
    let now = SystemClock.now()
    let load = PolicyLoad(PolicyText.read(paths), at: now)
    let report = PolicyCheckReport(load, at: now, within: within.flatMap(PolicyMoment.seconds))
    for output in output {
      let style = output.file == nil ? StandardStream.output.style : TextStyle(isColoured: false)
      try output.deliver(output.format == .json ? report.json() : report.text(style))
    }
    StandardStream.error.write("hostfence: \(report.summary)\n")
    throw Termination.code(report.exitCode)
  }
}

// `--policy` and `--mode`, the same at every door.

internal import AdmissionServer
internal import ArgumentParser
internal import Evaluation
internal import Manifests
internal import PolicyFile
internal import Reports
internal import Threads

/// The policy of a command line.
struct PolicyOptions: ParsableArguments {
  @Option(
    name: .customLong("policy"),
    help: ArgumentHelp(
      "A policy file, or a folder of them (hostfence policy default); may be repeated.",
      valueName: "path"
    )
  )
  var paths: [String] = []

  @Option(help: "off, audit, warn or deny, in place of all modes of the policy; warn without a policy.")
  var mode: Mode?

  /// Reads the policy; what a person should know about it goes to standard error.
  ///
  /// - Throws: `Failure` with everything that is wrong with it.
  func load() throws(Failure) -> Policy {
    try policy(of: paths.isEmpty ? .builtIn : PolicyLoad(PolicyText.read(paths), at: SystemClock.now()))
  }

  /// Reads the policy for a server, and says how to look at its files again; nil where there are none.
  ///
  /// - Throws: `Failure` with everything that is wrong with it.
  func loadForServing() throws(Failure) -> (policy: PolicyInForce, source: (@Sendable () -> PolicyLook)?) {
    guard !paths.isEmpty else { return (PolicyInForce(try load()), nil) }
    guard !paths.contains(ManifestFiles.standardInput) else {
      throw Failure("a server reads its policy again and again, and standard input is read once: name a file")
    }
    let files = Monitor(PolicyFiles(paths))
    let policy = try policy(of: files.withLock { $0.load(at: SystemClock.now()) })
    return (
      PolicyInForce(policy),
      { [self] in
        guard let load = files.withLock({ $0.change(at: SystemClock.now()) }) else { return .unchanged }
        guard let policy = load.policy else { return .unusable(load.errors.map(PolicyProblemsText.plainLine)) }
        return .changed(effective(policy), notes: load.warnings.map(PolicyProblemsText.plainLine))
      }
    )
  }

  private func policy(of load: PolicyLoad) throws(Failure) -> Policy {
    let lines = PolicyProblemsText.render(load, style: StandardStream.error.style)
    guard let policy = load.policy else { throw Failure("the policy cannot be used\n\(lines)") }
    StandardStream.error.write(lines)
    return effective(policy)
  }

  /// A policy with the mode of the command line.
  private func effective(_ policy: Policy) -> Policy { mode.map(policy.enforcing) ?? policy }
}

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
    let load = paths.isEmpty ? PolicyLoad.builtIn : PolicyLoad(PolicyText.read(paths), at: SystemClock.now())
    let lines = PolicyProblemsText.render(load, style: StandardStream.error.style)
    guard let policy = load.policy else { throw Failure("the policy cannot be used\n\(lines)") }
    StandardStream.error.write(lines)
    return effective(policy)
  }

  /// Reads the policy for a server, which looks at the files again and again.
  ///
  /// What they say is compared, not their times: a mounted ConfigMap is swapped as a whole, and clocks may jump.
  func loadForServing() throws(Failure) -> PolicyInForce {
    guard !paths.isEmpty else { return PolicyInForce(try load()) }
    let seen = Monitor(PolicyText.read(paths))
    return PolicyInForce(try load()) { [self] in
      let texts = PolicyText.read(paths)
      // Files that change while they are read, one before the other, are left for the next look.
      guard texts != seen.withLock({ $0 }), texts == PolicyText.read(paths) else { return .unchanged }
      seen.withLock { $0 = texts }
      let load = PolicyLoad(texts, at: SystemClock.now())
      let lines = { (problems: [InputProblem]) in
        problems.map { PolicyProblemsText.plainLine($0) }
      }
      guard let policy = load.policy else { return .unusable(lines(load.errors)) }
      return .changed(effective(policy), notes: lines(load.warnings))
    }
  }

  /// A policy with the mode of the command line.
  func effective(_ policy: Policy) -> Policy { mode.map(policy.enforcing) ?? policy }
}

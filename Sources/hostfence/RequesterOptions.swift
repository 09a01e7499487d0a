// Who would create manifests, where and when: the same for every subcommand that judges them.

internal import ArgumentParser
internal import Evaluation
internal import Manifests

/// What a manifest does not say about the request that creates it.
struct RequesterOptions: ParsableArguments {
  @Option(name: .customLong("as"), help: "The user who would create the manifests.")
  var user = ""

  @Option(name: .customLong("as-group"), help: "A group of that user; may be repeated.")
  var groups: [String] = []

  @Option(help: "The namespace of manifests that name none, as kubectl's --namespace.")
  var namespace: String?

  @Option(
    name: .customLong("at"),
    help: ArgumentHelp("Judge as of this moment (RFC 3339), for dates and exemptions that expire.", valueName: "time")
  )
  var time: Timestamp?

  /// A checker for these requests.
  func checker(_ policy: Policy, duplicateKeys: DuplicateKeyRule, visit: RequestVisitor? = nil) -> ManifestChecker {
    ManifestChecker(
      policy: policy,
      as: UserInfo(username: user, groups: groups),
      in: namespace,
      at: time ?? SystemClock.now(),
      duplicateKeys: duplicateKeys,
      visit: visit
    )
  }
}

extension ManifestChecker {
  /// Judges files, folders and standard input.
  mutating func checkFiles(_ paths: [String]) {
    let (files, problems) = ManifestFiles.resolve(paths)
    for problem in problems { add(problem) }
    for file in files {
      let name = file.path == ManifestFiles.standardInput ? "<stdin>" : file.path
      do throws(ManifestFileError) {
        check(try ManifestFiles.read(file.path), file: name, mustHoldObjects: file.isNamed)
      } catch {
        add(InputProblem(file: name, message: error.description))
      }
    }
  }
}

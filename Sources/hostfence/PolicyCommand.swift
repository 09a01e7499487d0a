// `hostfence policy`

internal import ArgumentParser
internal import Evaluation
internal import PolicyFile
internal import Reports

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract: "Write, check, explain and test the policy that all three doors share.",
    discussion: """
      A policy says what is done where and from when, who is exempt until when and why, and what risk is worth. It is one \
      YAML or JSON file, or a folder of them, and means the same to serve, check and replay.

      EXAMPLES
        hostfence policy default > policy.yaml
        hostfence policy check policy.yaml
        hostfence policy explain --policy policy.yaml pod.yaml
        hostfence policy test tests/
      """,
    subcommands: [
      PolicyDefaultCommand.self, PolicyCheckCommand.self, PolicyExplainCommand.self, PolicyTestCommand.self,
      PolicySchemaCommand.self,
    ]
  )
}

struct PolicyDefaultCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "default",
    abstract: "Print the policy that holds without a file, with comments, as one to begin with."
  )

  func run() throws { try StandardStream.output.deliver(Array(BuiltInPolicy.text.utf8)) }
}

struct PolicySchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of a policy file, for editors."
  )

  func run() throws { try StandardStream.output.deliver(PolicySchema.text) }
}

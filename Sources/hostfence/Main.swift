// The command `hostfence`: subcommands and nothing else.

internal import ArgumentParser

@main
struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hostfence",
    abstract: "Finds every Kubernetes object that would put a pod on its node's network.",
    discussion: """
      A pod with hostNetwork: true sees all traffic of its node, reaches services bound to the node's localhost and \
      escapes NetworkPolicy. The same evaluator judges objects at admission (serve), in manifests (check) and in audit logs (replay).

      EXIT CODES
        0  nothing was denied
        1  something was denied (or warned about, with --fail-on warn)
        2  some input could not be judged, or the command line is wrong, whatever else was found

      EXAMPLES
        hostfence check deploy/                      judge the manifests of a folder
        helm template . | hostfence check -          judge a rendered chart
        hostfence check --mode deny --output json .  for CI
        hostfence replay --mode deny audit.log       what deny would have stopped
        hostfence certs create --out certs --dns localhost
        hostfence serve --listen 127.0.0.1:8443 --admin-listen 127.0.0.1:8081 \\
                        --tls-cert certs/tls.crt --tls-key certs/tls.key
      """,
    version: Version.text,
    subcommands: [
      CheckCommand.self, ServeCommand.self, ReplayCommand.self, PolicyCommand.self, RiskCommand.self, CertsCommand.self,
    ]
  )

  /// Runs the command line; wrong usage ends with 2, as every input that cannot be judged does.
  static func main() async {
    StandardStream.prepare()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Termination.exit(after: error, command: Self.self)
    }
  }
}

// `hostfence certs`

internal import ArgumentParser
internal import TLS

struct CertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certs",
    abstract: "Make certificates for the webhook.",
    subcommands: [Create.self]
  )

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create",
      abstract: "Make a certificate authority and a serving certificate signed by it.",
      discussion: """
        Writes ca.crt, ca.key, tls.crt and tls.key (ECDSA P-256; keys with mode 0600). ca.crt goes, base64-encoded, into \
        the caBundle of the ValidatingWebhookConfiguration; tls.crt and tls.key are what serve reads.

        EXAMPLES
          hostfence certs create --out certs --dns localhost --ip 127.0.0.1
          hostfence certs create --out certs --dns hostfence.hostfence-system.svc --days 90
        """
    )

    @Option(name: .customLong("out"), help: ArgumentHelp("The folder to write to; made if missing.", valueName: "dir"))
    var directory: String

    @Option(
      name: .customLong("dns"),
      help: ArgumentHelp("A DNS name of the server; may be repeated.", valueName: "name")
    )
    var dnsNames: [String] = []

    @Option(
      name: .customLong("ip"),
      help: ArgumentHelp("An IP address of the server; may be repeated.", valueName: "ip")
    )
    var ipAddresses: [String] = []

    @Option(help: "How many days the serving certificate is valid.")
    var days = 365

    @Flag(help: "Replace files that are there already.")
    var force = false

    func validate() throws {
      if dnsNames.isEmpty, ipAddresses.isEmpty {
        throw ValidationError("name the server: --dns NAME or --ip IP, as its clients will call it")
      }
    }

    func run() throws {
      let bundle = try CertificateAuthority.create(dnsNames: dnsNames, ipAddresses: ipAddresses, days: days)
      try bundle.write(toDirectory: directory, overwriting: force)
      StandardStream.error.write("hostfence: wrote ca.crt, ca.key, tls.crt and tls.key to \(directory)\n")
    }
  }
}

// `hostfence risk`

internal import ArgumentParser
internal import Evaluation
internal import Reports
internal import RiskLedger

extension Verdict: ExpressibleByArgument {}

/// `--ledger`, the same for every subcommand.
struct LedgerOptions: ParsableArguments {
  @Option(
    name: .customLong("ledger"),
    help: ArgumentHelp("Where risk events are kept: sqlite:PATH, or none.", valueName: "url")
  )
  var text = "sqlite:hostfence.sqlite"

  /// The ledger that is meant.
  private(set) var ledger = LedgerURL.none

  private enum CodingKeys: CodingKey {
    case text
  }

  mutating func validate() throws { ledger = try Self.parse(text) }

  /// Reads the value of `--ledger`, of which an error shows no more than it must: it may hold a password.
  static func parse(_ text: String) throws -> LedgerURL {
    do throws(LedgerError) { return try LedgerURL(text) } catch { throw ValidationError("\(error)") }
  }
}

struct RiskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "risk",
    abstract: "Look at the risk events that were recorded.",
    subcommands: [Events.self]
  )

  struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "events",
      abstract: "List recorded risk events, in the order of their time.",
      discussion: """
        Reads the ledger while a server writes it. An event counts towards its user's risk when the request put the \
        attachment there, and the same attachment did not count within 24 hours before.

        EXAMPLES
          hostfence risk events --ledger sqlite:/var/lib/hostfence/ledger.sqlite
          hostfence risk events --user alice --since 2026-11-01T00:00:00Z --output json
        """
    )

    @OptionGroup var ledger: LedgerOptions

    @Option(help: "text or json.")
    var output: ReportFormat = .text

    @Option(help: "The first moment to list (RFC 3339, as in 2026-11-23T00:00:00Z).")
    var since: Timestamp?

    @Option(help: "The first moment not to list any more.")
    var until: Timestamp?

    @Option(help: "Only events of this user.")
    var user: String?

    @Option(help: "Only events of objects in this namespace.")
    var namespace: String?

    @Option(help: "Only requests that ended so: allow, warn or deny.")
    var decision: Verdict?

    @Option(help: "At most this many events, the earliest first.")
    var limit: Int?

    func validate() throws {
      if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
      if ledger.ledger == .none {
        throw ValidationError("the ledger none holds no events; name one: --ledger sqlite:PATH")
      }
    }

    func run() throws {
      let query = RiskEventQuery(
        since: since,
        until: until,
        riskObject: user,
        namespace: namespace,
        decision: decision,
        limit: limit
      )
      let store = try ledger.ledger.open(.readOnly)
      switch output {
      case .text:
        let table = RiskEventsTextReport.render(try store.events(matching: query), style: StandardStream.output.style)
        try StandardStream.output.deliver(table)
      case .json:
        var report = RiskEventsJSONReport()
        var problem: Failure?
        try store.forEachEvent(matching: query) { event in
          do throws(Failure) { try StandardStream.output.deliver(report.append(event)) } catch { problem = error }
          return problem == nil
        }
        if let problem { throw problem }
        try StandardStream.output.deliver(report.end())
      }
    }
  }
}

extension ReportFormat: ExpressibleByArgument {}

extension Timestamp: ExpressibleByArgument {
  package init?(argument: String) { self.init(rfc3339: argument) }
}

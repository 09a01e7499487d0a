// `--ledger`, and what of it is looked at.

internal import ArgumentParser
internal import Evaluation
internal import PolicyFile
internal import RiskLedger

/// `--ledger`, the same for every subcommand.
struct LedgerOptions: ParsableArguments {
  @Option(
    name: .customLong("ledger"),
    help: ArgumentHelp(
      "Where risk events are kept: sqlite:PATH, postgres://USER@HOST/DATABASE, or none.",
      valueName: "url"
    )
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

extension LedgerOptions {
  /// Opens the ledger for a report.
  ///
  /// - Throws: `LedgerError`.
  func openForReading() throws(LedgerError) -> any RiskLedger { try ledger.open(.readOnly) }

  /// Refuses the ledger that holds nothing.
  ///
  /// - Throws: `ValidationError`.
  func requireEvents() throws {
    if ledger == .none { throw ValidationError("the ledger none holds no events; name one: --ledger sqlite:PATH") }
  }
}

/// Which part of a ledger a report is about.
struct RiskPeriodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The first moment: 2026-11-23, 2026-11-23T10:00:00Z, or 7d for seven days ago.",
      valueName: "moment"
    )
  )
  var since: PastMoment?

  @Option(help: ArgumentHelp(PastMoment.untilHelp, valueName: "moment"))
  var until: PastMoment?

  @Option(help: "Only what this user is charged with.")
  var user: String?

  @Option(help: "Only objects in this namespace.")
  var namespace: String?

  var period: RiskPeriod {
    RiskPeriod(since: since?.time, until: until?.time, riskObject: user, namespace: namespace)
  }
}

/// When risk is an incident.
struct RiskThresholdOptions: ParsableArguments {
  @Option(help: "The sum of scores above which there is an incident.")
  var threshold = RiskThreshold().score

  @Option(help: ArgumentHelp("The time in which they add up: 24h, 7d.", valueName: "duration"))
  var window = "24h"

  func validate() throws {
    if threshold < 0 { throw ValidationError("--threshold must be 0 or more") }
    if PolicyMoment.seconds(window) == nil {
      throw ValidationError("--window must be a whole number of seconds, minutes, hours or days, as in 24h")
    }
  }

  var value: RiskThreshold {
    var value = RiskThreshold()
    value.score = threshold
    value.windowSeconds = PolicyMoment.seconds(window) ?? value.windowSeconds
    return value
  }
}

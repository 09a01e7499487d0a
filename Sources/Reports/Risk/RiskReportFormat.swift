// The formats in which `hostfence risk` tells what it knows.

/// A format of `--output` of `hostfence risk objects` and `hostfence risk incidents`.
package enum RiskSummaryFormat: String, Sendable, CaseIterable {
  case text
  case json
  case csv
  /// One self-contained page.
  case html
}

/// A format of `--output` of `hostfence risk events`.
package enum RiskEventsFormat: String, Sendable, CaseIterable {
  case text
  case json
  case csv
  /// OCSF Detection Findings, one per line.
  case ocsf
  /// One self-contained page.
  case html
}

// The formats in which `hostfence risk` tells what it knows.

/// A format of `--output` of `hostfence risk`.
package enum RiskReportFormat: String, Sendable, CaseIterable {
  case text
  case json
  case csv
  /// OCSF Detection Findings, one per line.
  case ocsf
  /// One self-contained page.
  case html
}

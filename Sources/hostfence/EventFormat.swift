// How `hostfence serve` writes risk events to standard output.

internal import ArgumentParser
internal import EventCollector
internal import RiskLedger

/// A format of single risk events.
enum EventFormat: String, ExpressibleByArgument, CaseIterable {
  /// As `hostfence risk export` writes them.
  case json
  /// OCSF Detection Findings.
  case ocsf

  /// An event as one line.
  var line: @Sendable (RecordedRiskEvent) -> [UInt8] {
    switch self {
    case .json: { $0.line }
    case .ocsf: { OCSFFinding($0, productVersion: Version.text).line }
    }
  }
}

// What every format of a replay's output can do.

package import AuditLog

/// One output of a replay, written piece by piece so that any number of findings fits; used by one thread.
///
/// `begin` comes first and `end` last; each returns the bytes that are to be appended to the output. Only what was asked
/// for at the beginning may be added: findings, rows of the Splunk search, or events of a comparison.
package protocol ReplayReport {
  /// What stands before everything.
  mutating func begin() -> [UInt8]
  /// A request with attachments.
  mutating func add(_ finding: ReplayFinding) -> [UInt8]
  /// A row of the Splunk search.
  mutating func add(_ row: AnalyticRow) -> [UInt8]
  /// An event that only one of the two semantics finds.
  mutating func add(_ compared: ComparedEvent) -> [UInt8]
  /// What stands behind everything.
  mutating func end(_ summary: ReplaySummary) -> [UInt8]
}

/// What a report is about.
enum ReplayContent: String, Sendable, CaseIterable {
  case findings
  case rows
  case compared
}

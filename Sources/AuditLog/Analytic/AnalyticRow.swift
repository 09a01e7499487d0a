// A row of the search's result, and what did not become one.

/// One row: the events that have the same values in all by-fields.
package struct AnalyticRow: Sendable, Equatable {
  /// The values of the twelve by-fields, in the order of `AnalyticTable.columns`.
  package var values: [String]
  /// How many events, each as often as it has this combination of values.
  package var count: Int
  /// The column `user_groups`: distinct, in the order of their bytes.
  package var userGroups: [String]

  /// Creates a row.
  package init(values: [String], count: Int, userGroups: [String]) {
    self.values = values
    self.count = count
    self.userGroups = userGroups
  }
}

/// What the table leaves out where Splunk would not, because an event or a log is larger than is kept.
package struct AnalyticOmissions: Sendable, Equatable {
  /// Whole events, found when the table was full (`AuditLogLimits.analyticTableBytes`).
  package var events = 0
  /// Combinations of the values of an event, above `AuditLogLimits.analyticCombinationsMax`; at most `Int.max`.
  package var combinations = 0
  /// Values of a field of an event, above `AuditLogLimits.analyticValuesMax`.
  package var values = 0

  /// Whether nothing is left out.
  package var isEmpty: Bool { self == AnalyticOmissions() }
}

// What the search keeps of one event it finds.

/// The fields of an event that the search finds.
package struct AnalyticHit: Sendable, Equatable {
  /// The values of the twelve by-fields in the order of the search; no values: the event has no such field.
  package var fields: [[String]]
  /// The values of `user.groups{}` in the order of the event.
  package var userGroups: [String]
  /// How many values of these fields are left out (`AuditLogLimits.analyticValuesMax`).
  package var leftOutValues = 0
}

// Bounds of taking wrappers off.

extension AuditLogLimits {
  /// Steps of a flattened name (`requestObject.spec.template.spec.hostNetwork`) that are followed.
  ///
  /// Pod specs lie seven steps deep at most; names with more steps are left out, which bounds what is written for each.
  static let flattenedLevelsMax = 64

  /// Bytes of the version that a list states for its items (`audit.k8s.io/v1beta1`).
  static let versionBytesMax = 64

  /// Bytes of a table's column name; longer ones are left out, as a table repeats them for each row.
  static let columnNameBytesMax = 64
}

// The bounds of finding and following logs.

extension AuditLogLimits {
  /// Folders inside one another; more are a loop of mounts or somebody's joke.
  static let folderLevelsMax = 100

  /// Bytes at the beginning of a log in which its first time is looked for: some tens of ordinary events.
  static let headBytes = 64 << 10

  /// Bytes in which the time of an event is looked for when the first one is a very large one.
  static let longHeadBytes = 1 << 20

  /// Compressed bytes that are read at a time for this.
  static let headInputBytes = 16 << 10

  /// Milliseconds between looks at files that are followed: short for a person, long for the system.
  static let followPauseMilliseconds = 200

  /// Bytes at the beginning of a followed file that tell whether it is still the same one.
  ///
  /// The `auditID` of the first event is among them.
  static let fingerprintBytes = 1 << 10

  /// Looks in a row at a file that is there and cannot be opened until that is a problem: five seconds in all, in which
  /// whoever rotates logs has set the rights of a new one.
  static let failedLooksMax = 25
}

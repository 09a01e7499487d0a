// Every bound of reading audit logs, with its reason.

internal import JSONDocument

/// Bounds on what a log can make its reader hold.
package enum AuditLogLimits {
  /// The longest record, in bytes, unless the user says otherwise.
  ///
  /// The API server accepts objects of 3 MiB and logs up to two of them with one request; wrappers escape them again.
  package static let recordBytesMax = 16 << 20

  /// Wrappers inside one another: syslog around docker around a Pub/Sub message around a LogEntry is four.
  package static let wrappersMax = 8

  /// Bytes of a JSON Patch's path that are followed; no real pod spec lies deeper.
  static let patchPathBytesMax = 4 << 10

  /// Objects whose earlier state is remembered; of one that was forgotten an update counts as of unknown earlier state.
  static let rememberedObjectsMax = 200_000

  /// Events remembered to tell second deliveries, which come within minutes.
  static let rememberedEventsMax = 500_000

  /// Bytes of a log that one thread scans at a time: few turns at reading, and still in the processor's cache when scanned.
  package static let segmentBytes = 2 << 20
}

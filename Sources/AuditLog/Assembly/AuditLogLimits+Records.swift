// The bounds of putting records together.

extension AuditLogLimits {
  /// Bytes in front of the JSON of a line: a syslog header with structured data, a node's name and a container's header.
  static let linePrefixBytesMax = 512

  /// Bytes of the first line of a table: Splunk exports some hundred columns when all fields are asked for.
  static let tableHeaderBytesMax = 64 << 10

  /// Bytes in front of the array of a batch that are kept with each of its elements, once the batch is too long to be
  /// read as a whole; longer ones are shortened to the array's name, as every element is parsed with them.
  static let batchHeadBytesMax = 1 << 10

  /// Empty lines inside a record that are remembered to count its lines.
  static let skippedLinesMax = 4 << 10
}

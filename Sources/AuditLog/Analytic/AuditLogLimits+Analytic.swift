// The bounds of the Splunk search: what one event, and a whole log, can make its table hold.

extension AuditLogLimits {
  /// Values kept of one field of one event; the longest chain of proxies gives some ten source addresses.
  static let analyticValuesMax = 10_000

  /// Rows that one event may make.
  ///
  /// An event makes a row for each combination of the values of its fields: twelve fields with two values each, as
  /// a doubled extraction gives, make 4,096.
  static let analyticCombinationsMax = 10_000

  /// Bytes that the table may hold: far above the rows a person reads, below what takes a machine down.
  static let analyticTableBytes = 1 << 30

  /// Bytes of a log's own words that an explanation repeats; verbs and resources are shorter.
  static let analyticQuoteBytes = 64
}

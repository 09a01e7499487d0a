// Every bound of the ledger, with its reason.

/// Bounds on what the ledger keeps waiting and for how long.
package enum LedgerLimits {
  /// Events waiting to be written before further submissions are refused.
  ///
  /// At some 4 kB each this is 64 MiB, and more than a disk writes in the seconds an API server waits for an answer.
  package static let queuedEventsMax = 16_384

  /// Bytes of events waiting for a slow reader of standard output before further ones are left out of it: some 16,000.
  package static let streamedBytesMax = 32 << 20

  /// Milliseconds to wait for another process that is writing.
  ///
  /// A write takes a few; a webhook has 10 s in all.
  package static let lockWaitMilliseconds: Int32 = 1_000

  /// Seconds in which a database server has to take a connection.
  static let connectSeconds = 5

  /// Milliseconds in which a database server has to answer a statement; it is told so, too.
  static let replyMilliseconds = 5_000

  /// Milliseconds more until a server that says nothing at all is given up.
  static let replyGraceMilliseconds = 1_000

  /// Attempts at a transaction that met another one.
  static let transactionAttemptsMax = 5

  /// Bytes of a text that is looked up; of a longer one its beginning and its digest are kept.
  ///
  /// An index of PostgreSQL takes 2,704 bytes in all (PostgreSQL, B-Tree Indexes), and the longest has four texts.
  static let keyBytesMax = 512

  /// Milliseconds between attempts to write again after a failure, when no submission makes one.
  package static let recoveryIntervalMilliseconds = 1_000

  /// Events that are deleted in one transaction, and milliseconds until the next one while there are more.
  static let pruned = (events: 500, pauseMilliseconds: 20)

  /// Milliseconds until it is looked again whether events are kept long enough.
  static let pruneIntervalMilliseconds = 60_000

  /// Bytes of the longest line that an import takes: the places of an object have 1 MiB, and are told twice.
  static let importedLineBytesMax = 8 << 20

  /// Bytes of the write-ahead log that are kept for reuse after a burst.
  package static let writeAheadLogBytesMax = 16 << 20

  /// Characters of a statement that an error repeats.
  static let statementCharactersMax = 60

  /// The moments that RFC 3339 can write, in microseconds since the epoch: the years 0000 to 9999.
  static let timeMicroseconds: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999
}

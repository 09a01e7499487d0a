// Every bound of the ledger, with its reason.

/// Bounds on what the ledger keeps waiting and for how long.
package enum LedgerLimits {
  /// Events waiting to be written before further submissions are refused.
  ///
  /// At some 4 kB each this is 64 MiB, and more than a disk writes in the seconds an API server waits for an answer.
  package static let queuedEventsMax = 16_384

  /// Bytes of texts of events waiting to be written before further submissions are refused: a pod may name images of 3 MB.
  ///
  /// As many may be on their way to the disk, and the manifests give a pod 256 MiB.
  package static let queuedBytesMax = 24 << 20

  /// Bytes of events waiting for a slow reader of standard output before further ones are left out of it: some 16,000.
  package static let streamedBytesMax = 32 << 20

  /// Milliseconds to wait for another process that is writing.
  ///
  /// A write takes a few; the manifests' webhook has 5 s in all.
  package static let lockWaitMilliseconds: Int32 = 1_000

  /// Seconds in which a database server has to take a connection.
  static let connectSeconds = 5

  /// Seconds that a connection to a database rests until each end asks whether the other is there (PostgreSQL, TCP
  /// keepalives), also so that NAT and load balancers keep it: most of these forget what rests for some minutes.
  static let keepaliveIdleSeconds = 15

  /// Seconds between such questions.
  static let keepaliveIntervalSeconds = 5

  /// Questions without an answer after which a connection is given up: half a minute in all.
  static let keepalivesMax = 3

  /// Milliseconds in which a database server has to answer a statement of a writer; the server gets the same limit.
  static let replyMilliseconds = 5_000

  /// Milliseconds in which it has to send the next row of a report.
  static let reportMilliseconds = 120_000

  /// Milliseconds after which a database server ends a writer that says nothing in the middle of a transaction.
  ///
  /// All others wait for its lock. Between two statements a writer only puts values in a row, which takes milliseconds, so
  /// it is stopped, or its node is gone; how long statements take does not matter here.
  static let idleTransactionMilliseconds = 5_000

  /// Statements that are sent before their results are read.
  static let pipelinedStatementsMax = 256

  /// How often another server may be faster in making the tables.
  static let creationAttemptsMax = 10

  /// Milliseconds more until a server that says nothing at all is given up.
  static let replyGraceMilliseconds = 1_000

  /// Attempts at a transaction that met another one.
  static let transactionAttemptsMax = 5

  /// Waits of a writer for the lock of a database: 3 s in all, where the manifests' webhook has 5 s.
  static let lockAttemptsMax = 3

  /// Bytes that a text in an index takes, with what PostgreSQL's spelling adds; of a longer one its beginning and its digest
  /// are kept.
  ///
  /// An index of PostgreSQL takes 2,704 bytes in all (PostgreSQL, B-Tree Indexes), and the longest has four texts.
  static let keyBytesMax = 512

  /// Bytes of an event's JSON; of a longer one the texts are cut.
  ///
  /// The path of an attachment may take 1 MiB, is written three times, and six bytes for one where it has control characters.
  /// A collector takes 1 MB at once, with what is around the event.
  static let eventBytesMax = 900_000

  /// Bytes of JSON that are read of an event: more than is written now, as earlier versions had no bound but that of a
  /// request and its paths.
  static let readEventBytesMax = 32 << 20

  /// Milliseconds between attempts to write again after a failure, when no submission makes one.
  package static let recoveryIntervalMilliseconds = 1_000

  /// Expired events that one step of pruning looks at, and at most deletes, while writers wait: some 4 ms, at most 10.
  static let prunedEventsMax = 500

  /// Milliseconds until the next step while there are more of them: time for others, who share the ledger.
  static let prunePauseMilliseconds = 20

  /// Milliseconds from the end of a pass over the expired events, or from an error, to the next step.
  ///
  /// A pass looks at all that has to stay as well, of workloads up to three times as much as is kept of pods, so it is
  /// not taken up again at once; what is kept for days may stay some minutes longer.
  static let pruneIntervalMilliseconds = 300_000

  /// Milliseconds between looks at what other servers charged: a change of a verdict by them may be that late.
  static let followIntervalMilliseconds = 1_000

  /// Events that a follower reads at once.
  static let readEventsMax = 1_000

  /// Bytes of texts of events that are read at once for an exporter or a follower, which hold all of them: some 8,000.
  static let outgoingBytesMax = 8 << 20

  /// Seconds by which the clocks of servers that export under one name may differ: more than any that is kept by NTP, and
  /// the longest that delivery stands still after one was wrong.
  static let leaseSkewSeconds: Int64 = 300

  /// Events that an import or a replay writes in one transaction: fewer wait longer for the disk than for the statements.
  static let batchEventsMax = 1_000

  /// The fewest of them, and the milliseconds in which a batch should be written: others wait for the lock meanwhile.
  static let (batchEventsMin, batchMilliseconds) = (25, 250)

  /// Bytes of the longest line that an import takes: whatever an export reads.
  static let importedLineBytesMax = readEventBytesMax + 4_096

  /// Bytes of the write-ahead log that are kept for reuse after a burst.
  package static let writeAheadLogBytesMax = 16 << 20

  /// Characters of a statement that an error repeats.
  static let statementCharactersMax = 60

  /// The moments that RFC 3339 can write, in microseconds since the epoch: the years 0000 to 9999.
  static let timeMicroseconds: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999
}

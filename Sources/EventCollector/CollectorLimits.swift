// Every bound of the exporter, with its reason.

internal import TLS

/// Bounds on what is sent, and how long is waited.
package enum CollectorLimits {
  /// Events of one request.
  static let batchEventsMax = 1_000

  /// Bytes of one request before compression: Splunk Cloud asks for at most 1 MB.
  static let batchBytesMax = 1_000_000

  /// Bytes of the beginning of a log by which it is known.
  static let identityBytes = 4_096

  /// Bytes of a log that are read at once.
  static let chunkBytes = 256 << 10

  /// Bytes of a line of a log; a longer one is cut.
  static let lineBytesMax = 64_000_000

  /// Seconds to connect to a collector or its proxy; a proxy's answer has as many, the handshake
  /// `TLSLimits.handshakeSeconds`.
  static let connectSeconds: Int64 = 10

  /// Seconds until an answer is complete.
  static let answerSeconds: Int64 = 30

  /// Milliseconds in which a request in flight has to be answered when the exporter ends; Kubernetes gives a pod 30 s.
  static let closeMilliseconds = 2_000

  /// Bytes of an answer; a collector's has a hundred.
  static let answerBytesMax = 64 << 10

  /// Characters of an answer's text that are told; a collector's has some forty.
  static let answerTextMax = 200

  /// The first and the longest wait after failures, in milliseconds.
  static let backoffMinMilliseconds = 500
  static let backoffMaxMilliseconds = 60_000

  /// The longest time that a collector may ask to be left alone, in seconds.
  static let retryAfterMaxSeconds = 300

  /// Milliseconds between questions for acknowledgements, at first and at most (Splunk: every 10 s).
  static let ackPollMinMilliseconds = 200
  static let ackPollMaxMilliseconds = 10_000

  /// Seconds until what is not acknowledged is sent again (Splunk: about 5 minutes).
  package static let ackSeconds: Int64 = 300

  /// Milliseconds between looks at the ledger while there is nothing to send.
  static let idleMilliseconds = 500

  /// Milliseconds between looks at whether another server still delivers; each makes writers wait for a moment.
  static let waitingMilliseconds = 2_000

  /// The shortest pause for which the lease is given up: that of a collector that failed five times in a row.
  static let releasingMilliseconds = 4_000

  /// Seconds after its own time for which an event waits whose root event is not known: API servers send their audit
  /// events in batches, each up to 30 s late (kube-apiserver, --audit-webhook-batch-max-wait).
  static let rootSeconds: Int64 = 60

  /// Seconds until another server may go on when this one says nothing any more: more than one request takes at most,
  /// on its way through a proxy, after a renewal that was almost due.
  static let leaseSeconds = leaseRenewalSeconds + 2 * connectSeconds + TLSLimits.handshakeSeconds + answerSeconds + 10

  /// Seconds after which the lease is renewed between two requests.
  static let leaseRenewalSeconds: Int64 = 10

  /// Milliseconds between attempts while only an operator can help.
  static let stoppedMilliseconds = 30_000
}

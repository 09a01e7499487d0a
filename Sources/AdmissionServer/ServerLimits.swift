// Every bound of the server, with its reason.

internal import JSONDocument

/// Bounds on what a client can make the server hold.
package enum ServerLimits {
  /// The largest review that is read, in bytes.
  package static let bodyBytesMax = JSONLimits.documentBytesMax

  /// The largest batch of audit events that is read, in bytes.
  ///
  /// The API server cuts batches at 10 MiB when it is told to cut them at all (`--audit-webhook-truncate-enabled`).
  package static let auditBodyBytesMax = 16 << 20

  /// Bytes of all audit batches that are coming in, waiting or being judged; above it they are refused.
  ///
  /// The memory that audit events can take, but for the document that is judged at the moment.
  package static let auditQueueBytesMax = 64 << 20

  // MARK: - Connections

  /// Connections of the webhook's listener.
  ///
  /// An API server opens one for each request in flight, and keeps a few; three under load stay far below this.
  static let connectionsMax = 4_096

  /// Connections of one address.
  ///
  /// A node in front of a Service may give all API servers one address.
  static let connectionsPerSourceMax = 2_048

  /// Connections of the admin listener: a kubelet, a Prometheus or two, a person.
  static let adminConnectionsMax = 64

  /// How long a connection may rest between requests, in seconds.
  ///
  /// Longer than the 90 s after which the API server's client drops it, so that it never sends into a connection that is
  /// just being closed.
  static let idleSecondsMax: Int64 = 120

  /// How long the head of a request may take from its first byte on, in seconds: it comes in one piece.
  static let headSecondsMax: Int64 = 10

  /// How long a body may take, in seconds: the API server itself gives up after as many.
  ///
  /// Without it, clients that stop halfway would hold the room of all others.
  static let bodySecondsMax: Int64 = 30

  /// How long a client may take no more of what was sent, in seconds.
  static let deliverySecondsMax: Int64 = 30

  /// How often the certificate's files are looked at, in milliseconds: a few calls of the system.
  static let certificateCheckMilliseconds: Int64 = 1_000

  /// How often the policy's files are read again, in milliseconds: some kilobytes, from memory.
  static let policyCheckMilliseconds: Int64 = 1_000

  /// Problems of a policy that the log and readiness name one by one.
  static let policyProblemsTold = 20

  /// Days before the end of the certificate from which readiness warns: whoever renews it has had a third of its life.
  static let certificateWarningDays: Int64 = 7

  /// How often a connection's time is looked at, in milliseconds: bounds are kept to this.
  static let checkMilliseconds: Int64 = 1_000

  /// Connections the kernel queues before they are accepted.
  static let acceptBacklog: Int32 = 1_024

  /// How long one reading of the ledger is shown to all who look at the risk page, in seconds.
  static let riskPageSeconds: Int64 = 2

  // MARK: - Requests

  /// Bytes of a request's target; the longest path here and the API server's query have under a hundred.
  static let targetBytesMax = 2 << 10

  /// Bytes of a head that has not ended; the parser holds them, so the connection ends there.
  static let unparsedHeadBytesMax = 64 << 10

  /// Headers of a request, and the bytes of all of them: the API server sends a dozen.
  static let headersMax = 64
  static let headerBytesMax = 16 << 10

  /// Bytes of all bodies of reviews that are coming in or being judged; above it reviews are refused.
  static let reviewBytesMax = 64 << 20

  /// Reviews that wait for the ledger; above it reviews are refused before they are judged.
  ///
  /// A ledger writes thousands of events a second, so these are answered within one.
  static let reviewsInFlightMax = 2_048

  /// Lines of the log of one kind that clients can bring about, in so many seconds.
  static let noticesMax = 10
  static let noticePeriodSeconds: Int64 = 10

  /// Requests sent ahead while an answer waits that are answered with it; with the last of them the connection ends.
  ///
  /// The API server sends none ahead.
  static let nestedAnswersMax = 16

  /// Room kept for a body before any of it came: most reviews are smaller, and a promise of 7 MiB costs a client nothing.
  static let bodyBytesReserved = 64 << 10

  /// How long a refused connection is read on, in seconds, so that the client sees the answer and not a reset.
  static let lingerSeconds: Int64 = 2

  // MARK: - Audit batches

  /// Seconds after which an API server whose batch was refused may try again.
  ///
  /// Its HTTP client does so up to ten times, then its audit backend waits 10 s and longer, four times.
  static let retryAfterSeconds = 1

  /// Risk events of an audit batch that are written in one go, so that those of reviews come in between.
  static let auditEventsPerSubmission = 512

  // MARK: - Shutdown

  // Together with the five seconds of `--shutdown-delay` in the manifests these stay below the 30 s that Kubernetes gives a
  // pod to end, with some left for the ledger.

  /// How long those who have connected when the listener is to close are let in, in seconds.
  ///
  /// A thousand take some tens of milliseconds, and it ends when nobody waits; so many seconds pass only while more arrive
  /// than a machine out of breath lets in.
  static let letInSecondsMax: Int64 = 5

  /// How long a connection between requests stays open once shutdown began, in milliseconds.
  ///
  /// A client that is at work sends its next request within this time, and the answer tells it to go elsewhere; a request
  /// sent just when the server closes would be lost.
  static let farewellMilliseconds: Int64 = 1_000

  /// How long a connection whose first request did not come yet, or not all of its head, stays open after the farewell, in
  /// seconds.
  static let lastRequestSeconds: Int64 = 5

  /// How long all that is still open then may take to end, in seconds; the webhook of the manifests is waited for 5.
  static let drainSecondsMax: Int64 = 15
}

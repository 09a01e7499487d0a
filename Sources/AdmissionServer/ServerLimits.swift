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

  /// How long an audit batch may take to come in, in seconds: the API server itself gives up after as many.
  ///
  /// Without it, clients that stop halfway would hold the room of all others.
  static let auditUploadSeconds: Int64 = 30

  /// Seconds after which an API server whose batch was refused may try again.
  ///
  /// Its HTTP client does so up to ten times, then its audit backend waits 10 s and longer, four times.
  static let retryAfterSeconds = 1

  /// Risk events of an audit batch that are written in one go, so that those of reviews come in between.
  static let auditEventsPerSubmission = 512

  /// Room kept for a body before any of it came: most reviews are smaller, and a promise of 7 MiB costs a client nothing.
  static let bodyBytesReserved = 64 << 10

  /// How long a refused connection is read on, in seconds, so that the client sees the answer and not a reset.
  static let lingerSeconds: Int64 = 2

  /// How long requests in flight may take to end once shutdown began, in seconds; the API server waits 30 at most.
  static let drainSecondsMax: Int64 = 20

  /// Connections the kernel queues before they are accepted.
  static let acceptBacklog: Int32 = 1_024
}

// Every bound of the server, with its reason.

internal import JSONDocument

/// Bounds on what a client can make the server hold.
package enum ServerLimits {
  /// The largest review that is read, in bytes.
  package static let bodyBytesMax = JSONLimits.documentBytesMax

  /// Room kept for a body before any of it came: most reviews are smaller, and a promise of 7 MiB costs a client nothing.
  static let bodyBytesReserved = 64 << 10

  /// How long a refused connection is read on, in seconds, so that the client sees the answer and not a reset.
  static let lingerSeconds: Int64 = 2

  /// How long requests in flight may take to end once shutdown began, in seconds; the API server waits 30 at most.
  static let drainSecondsMax: Int64 = 20

  /// Connections the kernel queues before they are accepted.
  static let acceptBacklog: Int32 = 1_024
}

// The context that new connections get, replaceable while the server runs.

internal import Synchronization

/// Holds the current context; connections ask for it when they are accepted, a certificate reload replaces it.
package final class TLSContextHolder: Sendable {
  private let held: Mutex<TLSContext>

  /// Starts with `context`.
  package init(_ context: TLSContext) { held = Mutex(context) }

  /// The context for the next connection.
  package var current: TLSContext { held.withLock { $0 } }

  /// Has later connections use `context`; those that stand keep theirs.
  package func replace(with context: TLSContext) { held.withLock { $0 = context } }
}

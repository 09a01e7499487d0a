// What a connection waits for, and how long it may.

internal import NIOCore

/// What a connection of the server waits for; one after the other, again for each request.
///
/// The handshake before all of them is bounded by `TLSLimits.handshakeSeconds`, the time after an answer that the client
/// does not take by `ServerLimits.deliverySecondsMax`.
enum ConnectionPhase: String, Sendable, CaseIterable {
  /// The first byte of a request.
  case idle
  /// The rest of its head.
  case head
  /// Its body.
  case body
  /// The verdict, which waits for the ledger; the server's own doing, so without a bound here.
  case answer

  /// How long it may last.
  var limit: TimeAmount? {
    switch self {
    case .idle: .seconds(ServerLimits.idleSecondsMax)
    case .head: .seconds(ServerLimits.headSecondsMax)
    case .body: .seconds(ServerLimits.bodySecondsMax)
    case .answer: nil
    }
  }
}

/// Where a connection is, and since when; shared by the handlers of one connection, on its event loop.
final class ConnectionClock {
  private(set) var phase = ConnectionPhase.idle
  private var since: NIODeadline

  /// Starts in `idle`.
  init(now: NIODeadline) { since = now }

  /// Goes on to another phase.
  func enter(_ next: ConnectionPhase, now: NIODeadline) {
    phase = next
    since = now
  }

  /// Whether the phase at hand lasts too long.
  func isOver(now: NIODeadline) -> Bool { phase.limit.map { now - since >= $0 } ?? false }
}

@available(*, unavailable)
extension ConnectionClock: Sendable {}

/// An event that tells the handlers of a connection that it lasted too long.
struct ConnectionExpired: Sendable {
  var phase: ConnectionPhase
}

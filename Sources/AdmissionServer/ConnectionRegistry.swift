// The open connections, so that shutdown can let each finish what it is doing.

internal import NIOCore
internal import Synchronization

/// Knows every open connection of the server.
final class ConnectionRegistry: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  /// Adds a connection until it closes.
  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    channels.withLock { $0[id] = channel }
    channel.closeFuture.whenComplete { [self] _ in
      channels.withLock { _ = $0.removeValue(forKey: id) }
    }
  }

  var isEmpty: Bool { channels.withLock { $0.isEmpty } }

  /// Closes idle connections, and busy ones as soon as they have answered (NIO's HTTPServerPipelineHandler does that).
  func quiesce() {
    for channel in all {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
  }

  /// Closes what is left.
  func closeAll() {
    for channel in all { channel.close(promise: nil) }
  }

  private var all: [any Channel] { channels.withLock { Array($0.values) } }
}

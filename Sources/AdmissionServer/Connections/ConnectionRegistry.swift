// The open connections: how many there may be, and that shutdown lets each finish what it is doing.

internal import NIOCore
internal import Threads

/// Knows every open connection of a listener.
final class ConnectionRegistry: Sendable {
  /// Why a connection was not let in.
  enum Refusal: String, Error, CaseIterable {
    /// There are too many.
    case total
    /// Its address has too many.
    case source
  }

  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    /// Connections by address.
    var sources: [String: Int] = [:]
  }

  private let state = Monitor(State())
  private let connectionsMax: Int
  private let connectionsPerSourceMax: Int

  init(
    connectionsMax: Int = ServerLimits.connectionsMax,
    connectionsPerSourceMax: Int = ServerLimits.connectionsPerSourceMax
  ) {
    self.connectionsMax = connectionsMax
    self.connectionsPerSourceMax = connectionsPerSourceMax
  }

  /// Adds a connection until it closes.
  ///
  /// - Throws: `Refusal` when there are too many.
  func add(_ channel: any Channel) throws(Refusal) {
    let id = ObjectIdentifier(channel)
    let source = channel.remoteAddress?.ipAddress ?? ""
    let refusal: Refusal? = state.withLock { state in
      if state.channels.count >= connectionsMax { return .total }
      if state.sources[source, default: 0] >= connectionsPerSourceMax { return .source }
      state.channels[id] = channel
      state.sources[source, default: 0] += 1
      return nil
    }
    if let refusal { throw refusal }
    channel.closeFuture.whenComplete { [self] _ in
      state.withLock { state in
        state.channels[id] = nil
        let others = state.sources[source, default: 1] - 1
        state.sources[source] = others > 0 ? others : nil
      }
    }
  }

  var count: Int { state.withLock { $0.channels.count } }

  var isEmpty: Bool { count == 0 }

  /// Has every connection end with its next answer, which says so to the client.
  func announceEnd() {
    for channel in all { channel.pipeline.fireUserInboundEventTriggered(ConnectionsEnd()) }
  }

  /// Closes idle connections, and busy ones as soon as they have answered (NIO's HTTPServerPipelineHandler does that);
  /// `ConnectionGuard` gives those whose request is on its way some time for it.
  func quiesce() {
    for channel in all {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
  }

  /// Closes what is left.
  func closeAll() {
    for channel in all { channel.close(promise: nil) }
  }

  private var all: [any Channel] { state.withLock { Array($0.channels.values) } }
}

/// An event that tells the handlers of a connection that the server is going away: the next answer is the last.
struct ConnectionsEnd: Sendable {}

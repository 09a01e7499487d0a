// Where data are delivered to.

internal import NIOCore
internal import NIOPosix
package import TLS

/// Collectors that take the same data, and how they are spoken to.
package struct CollectorDestination: Sendable {
  /// Tried one after the other.
  let endpoints: [CollectorEndpoint]
  /// The way to those with TLS.
  let proxy: CollectorProxy?
  /// For endpoints with TLS.
  let context: TLSContext?
  /// Tells the senders of a token apart (Splunk: a GUID of the sender's choice).
  let channel: String
  /// How many seconds an acknowledgement is waited for until data are sent again; nil where none is wanted.
  let ackSeconds: Int64?
  /// Reads the token, which may have been changed; nil where there is none.
  let token: @Sendable () -> String?

  /// Creates a destination.
  package init(
    endpoints: [CollectorEndpoint],
    proxy: CollectorProxy? = nil,
    context: TLSContext?,
    channel: String,
    ackSeconds: Int64? = nil,
    token: @escaping @Sendable () -> String?
  ) {
    self.endpoints = endpoints
    self.proxy = proxy
    self.context = context
    self.channel = channel
    self.ackSeconds = ackSeconds
    self.token = token
  }
}

/// The clients of a destination, and the thread that their connections share.
final class CollectorClients: Sendable {
  /// One for each collector, in their order.
  let all: [CollectorClient]
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  init(_ destination: CollectorDestination) {
    all = destination.endpoints.map { [group] endpoint in
      let context = endpoint.isTLS ? destination.context : nil
      return CollectorClient(endpoint, proxy: destination.proxy, context: context, group: group)
    }
  }

  /// Ends the requests under way, and all to come.
  func interrupt() {
    for client in all { client.interrupt() }
  }

  /// Ends the connections and their thread, after the last request.
  func end() {
    // First: a connection that is closed later would need the thread.
    for client in all { client.close() }
    try? group.syncShutdownGracefully()
  }
}

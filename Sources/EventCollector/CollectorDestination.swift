// Where data are delivered to.

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

  /// A client for each collector, in their order.
  func clients(_ group: MultiThreadedEventLoopGroup) -> [CollectorClient] {
    endpoints.map { endpoint in
      CollectorClient(endpoint, proxy: proxy, context: endpoint.isTLS ? context : nil, group: group)
    }
  }
}

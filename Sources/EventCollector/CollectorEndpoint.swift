// Where a collector is, and what it is told.

/// The address of a collector, as in `https://splunk.example.com:8088`.
package struct CollectorEndpoint: Sendable, Equatable {
  let address: NetworkAddress
  package let isTLS: Bool
  /// What comes before `/services/collector`; empty for most.
  let basePath: String

  private static let services = "/services/collector"

  /// Reads `https://HOST[:PORT][/PATH]`; nil for anything else.
  ///
  /// Without TLS the token would be everybody's: `http` is for a collector on this machine only.
  package init?(_ text: String) {
    let isTLS = text.hasPrefix("https://")
    guard isTLS || text.hasPrefix("http://") else { return nil }
    let rest = text.dropFirst(isTLS ? 8 : 7)
    let authority = rest.prefix { $0 != "/" }
    var path = String(rest.dropFirst(authority.count))
    while path.hasSuffix("/") { path.removeLast() }
    // Some copy the whole path.
    if let services = path.firstRange(of: Self.services) { path.removeSubrange(services.lowerBound...) }
    guard path.utf8.allSatisfy(Self.isPathByte), let address = NetworkAddress(authority, defaultPort: 8088) else {
      return nil
    }
    guard isTLS || ["localhost", "127.0.0.1", "::1"].contains(address.host) else { return nil }
    self.address = address
    self.isTLS = isTLS
    basePath = path
  }

  /// The path of one of its services: `event`, `raw` or `ack`.
  func path(of service: String) -> String { "\(basePath)\(Self.services)/\(service)" }

  private static func isPathByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
  }
}

extension CollectorEndpoint: CustomStringConvertible {
  package var description: String { "\(isTLS ? "https" : "http")://\(address)\(basePath)" }
}

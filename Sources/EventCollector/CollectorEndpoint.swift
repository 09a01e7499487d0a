// Where a collector is, and what it is told.

/// The address of a collector, as in `https://splunk.example.com:8088`.
package struct CollectorEndpoint: Sendable, Equatable {
  package let host: String
  package let port: Int
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
    guard !authority.isEmpty, !authority.contains("@"), path.utf8.allSatisfy(Self.isPathByte) else { return nil }
    var host = authority
    var port: Int? = 8088
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      host = authority[authority.index(after: authority.startIndex)..<end]
      let behind = authority[authority.index(after: end)...]
      if !behind.isEmpty { port = behind.hasPrefix(":") ? Int(behind.dropFirst()) : nil }
    } else if let colon = authority.lastIndex(of: ":") {
      host = authority[..<colon]
      port = Int(authority[authority.index(after: colon)...])
    }
    guard let port, (1...65_535).contains(port), !host.isEmpty, host.utf8.allSatisfy(Self.isHostByte) else {
      return nil
    }
    guard isTLS || ["localhost", "127.0.0.1", "::1"].contains(host) else { return nil }
    self.host = String(host)
    self.port = port
    self.isTLS = isTLS
    basePath = path
  }

  /// The path of events.
  var eventPath: String { "\(basePath)\(Self.services)/event" }
  /// The path of questions for acknowledgements.
  var ackPath: String { "\(basePath)\(Self.services)/ack" }
  /// As a `Host` header has it.
  var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isPathByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
  }
}

extension CollectorEndpoint: CustomStringConvertible {
  package var description: String { "\(isTLS ? "https" : "http")://\(authority)\(basePath)" }
}

// A host and a port.

/// Where something listens.
struct NetworkAddress: Sendable, Equatable {
  /// A DNS name or an IP address, without brackets.
  let host: String
  let port: Int

  /// Reads `HOST[:PORT]`, where an IPv6 address has brackets; nil for anything else.
  init?(_ text: some StringProtocol, defaultPort: Int) {
    var host = text[...]
    var port: Int? = defaultPort
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      let behind = text[text.index(after: end)...]
      if !behind.isEmpty { port = behind.hasPrefix(":") ? Int(behind.dropFirst()) : nil }
    } else if let colon = text.lastIndex(of: ":") {
      host = text[..<colon]
      port = Int(text[text.index(after: colon)...])
    }
    guard let port, (1...65_535).contains(port), !host.isEmpty, host.utf8.allSatisfy(Self.isHostByte) else {
      return nil
    }
    self.host = String(host)
    self.port = port
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension NetworkAddress: CustomStringConvertible {
  /// As a `Host` header has it.
  var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

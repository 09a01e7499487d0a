// The services of a collector that take data.

/// What takes a batch.
enum CollectorService: Sendable, Equatable {
  /// Objects with an event and its metadata.
  case events
  /// Lines as they are; the metadata are told in the request (Splunk, services/collector/raw).
  case lines(LogMetadata)

  var contentType: String {
    switch self {
    case .events: "application/json"
    case .lines: "text/plain; charset=utf-8"
    }
  }

  func path(at endpoint: CollectorEndpoint) -> String {
    switch self {
    case .events: endpoint.path(of: "event")
    case .lines(let metadata): endpoint.path(of: "raw") + "?" + metadata.query
    }
  }
}

/// What Splunk is told of a log.
package struct LogMetadata: Sendable, Equatable {
  /// Nil leaves it to the token.
  package var index: String?
  package var source: String
  package var sourcetype: String
  package var host: String

  /// Creates metadata.
  package init(index: String? = nil, source: String, sourcetype: String, host: String) {
    self.index = index
    self.source = source
    self.sourcetype = sourcetype
    self.host = host
  }

  /// What the search of the analytic looks for (Splunk security content, macros/kube_audit.yml and data_sources).
  package static let usual = LogMetadata(source: "kubernetes", sourcetype: "_json", host: "hostfence")

  /// As the query of a URL.
  var query: String {
    let pairs = [("index", index), ("source", source), ("sourcetype", sourcetype), ("host", host)]
    return pairs.compactMap { name, value in value.map { "\(name)=\(Self.escaped($0))" } }.joined(separator: "&")
  }

  /// Escapes all but unreserved characters (RFC 3986, section 2.3).
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return escaped
  }
}

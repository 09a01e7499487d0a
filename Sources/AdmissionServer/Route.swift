// Which path does what.

internal import Evaluation
internal import NIOHTTP1

/// What a path is for.
enum Endpoint: Equatable {
  /// Judges a review, in the policy's mode or in this one.
  case review(mode: Mode?)
  /// Takes a batch of audit events.
  case audit

  /// The paths that are always served.
  static let reviews: [(path: String, mode: Mode?)] = [
    ("/validate", nil), ("/validate/audit", .audit), ("/validate/warn", .warn), ("/validate/deny", .deny),
  ]
  /// The path of the audit webhook.
  static let auditPath = "/audit"
}

/// What a request to the webhook's listener asks for.
enum Route: Equatable {
  /// Read the body.
  case accept(Endpoint)
  /// Refuse at once; the endpoint is nil when the path is none of ours.
  case refuse(Refusal, Endpoint?)

  /// Reads a request head.
  ///
  /// The API server adds `?timeout=`, so the query is left out.
  /// - Parameter auditBytesMax: the largest body of an audit batch; nil when none are taken.
  init(_ head: HTTPRequestHead, auditBytesMax: Int?) {
    if let refusal = Self.tooLarge(head) {
      self = .refuse(refusal, nil)
      return
    }
    let path = Self.text(head.uri[...], upTo: "?")
    let endpoint: Endpoint
    let bytesMax: Int
    if let review = Endpoint.reviews.first(where: { $0.path == path }) {
      endpoint = .review(mode: review.mode)
      bytesMax = ServerLimits.bodyBytesMax
    } else if let auditBytesMax, path == Endpoint.auditPath {
      endpoint = .audit
      bytesMax = auditBytesMax
    } else {
      self = .refuse(.notFound, nil)
      return
    }
    guard head.method == .POST else {
      self = .refuse(.methodNotAllowed, endpoint)
      return
    }
    guard Self.isJSON(head.headers) else {
      self = .refuse(.unsupportedMediaType, endpoint)
      return
    }
    if let length = head.announcedBytes, length > bytesMax {
      self = .refuse(.bodyTooLarge(limitBytes: bytesMax), endpoint)
      return
    }
    self = .accept(endpoint)
  }

  /// The refusal of a head that is larger than anybody's who has business here.
  private static func tooLarge(_ head: HTTPRequestHead) -> Refusal? {
    if head.uri.utf8.count > ServerLimits.targetBytesMax { return .targetTooLong }
    guard head.headers.count <= ServerLimits.headersMax else { return .headersTooLarge }
    let bytes = head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    return bytes > ServerLimits.headerBytesMax ? .headersTooLarge : nil
  }

  /// What stands before a character, looked for among bytes: whole characters would want a look into Unicode's tables.
  private static func text(_ text: Substring, upTo end: Unicode.Scalar) -> Substring {
    text[..<(text.utf8.firstIndex(of: UInt8(ascii: end)) ?? text.endIndex)]
  }

  /// `application/json`, with or without parameters, and not compressed: the API server sends everything so.
  private static func isJSON(_ headers: HTTPHeaders) -> Bool {
    guard let type = headers.first(name: "content-type") else { return false }
    let mediaType = text(text(type[...], upTo: ";"), upTo: " ")
    guard mediaType == "application/json" || mediaType.lowercased() == "application/json" else { return false }
    guard let encoding = headers.first(name: "content-encoding") else { return true }
    return encoding.lowercased() == "identity"
  }
}

extension HTTPRequestHead {
  /// The length that the client announced; nil when it comes in chunks.
  var announcedBytes: Int? { headers.first(name: "content-length").flatMap(Int.init) }

  /// Whether the connection ends with the answer: because the client wants it so, or because HTTP ends here.
  ///
  /// Behind a CONNECT or an Upgrade the decoder would keep whatever comes, without bound, for a protocol nobody speaks.
  var isLast: Bool { !isKeepAlive || method == .CONNECT || headers.contains(name: "upgrade") }

  /// Whether the client waits for leave to send its body (RFC 9110, 10.1.1; HTTP/1.0 does not know it).
  var expectsContinue: Bool {
    version == .http1_1 && headers.first(name: "expect")?.lowercased() == "100-continue"
  }
}

// Which path does what.

internal import Evaluation
internal import NIOHTTP1

/// What a request to the webhook's listener asks for.
enum Route: Equatable {
  /// Judge a review, in the policy's mode or in this one.
  case validate(mode: Mode?)
  /// Refuse at once.
  case refuse(Refusal)

  /// The paths that are served, and the mode each of them sets.
  static let modes: [(path: String, mode: Mode?)] = [
    ("/validate", nil), ("/validate/audit", .audit), ("/validate/warn", .warn), ("/validate/deny", .deny),
  ]

  /// Reads a request head.
  ///
  /// The API server adds `?timeout=`, so the query is left out.
  init(_ head: HTTPRequestHead) {
    let path = head.uri.prefix { $0 != "?" }
    guard let route = Self.modes.first(where: { $0.path == path }) else {
      self = .refuse(.notFound)
      return
    }
    guard head.method == .POST else {
      self = .refuse(.methodNotAllowed)
      return
    }
    guard Self.isJSON(head.headers) else {
      self = .refuse(.unsupportedMediaType)
      return
    }
    if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > ServerLimits.bodyBytesMax {
      self = .refuse(.bodyTooLarge)
      return
    }
    self = .validate(mode: route.mode)
  }

  /// `application/json`, with or without parameters, and not compressed: the API server sends reviews so.
  private static func isJSON(_ headers: HTTPHeaders) -> Bool {
    guard let type = headers.first(name: "content-type") else { return false }
    let mediaType = type.prefix { $0 != ";" && $0 != " " }
    guard mediaType.lowercased() == "application/json" else { return false }
    guard let encoding = headers.first(name: "content-encoding") else { return true }
    return encoding.lowercased() == "identity"
  }
}

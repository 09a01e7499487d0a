// Answers that are not verdicts: what was wrong with the request, as a Kubernetes Status.

internal import JSONDocument
internal import NIOCore
internal import NIOHTTP1

/// Why a request got no verdict.
///
/// To the API server each of these is a failed call: for a review its failurePolicy applies, an audit batch it sends
/// again, four times at most.
struct Refusal: Error, Equatable {
  let status: HTTPResponseStatus
  /// Kubernetes' StatusReason (apimachinery, pkg/apis/meta/v1/types.go).
  let reason: String
  let message: String

  static let notFound = Refusal(
    status: .notFound,
    reason: "NotFound",
    message: "there is nothing here; POST an AdmissionReview to "
      + Endpoint.reviews.map(\.path).joined(separator: ", ")
  )
  static let methodNotAllowed = Refusal(
    status: .methodNotAllowed,
    reason: "MethodNotAllowed",
    message: "only POST is answered here"
  )
  static let unsupportedMediaType = Refusal(
    status: .unsupportedMediaType,
    reason: "UnsupportedMediaType",
    message: "send the body uncompressed as Content-Type: application/json"
  )

  /// The body is over the limit of its path.
  static func bodyTooLarge(limitBytes: Int) -> Refusal {
    Refusal(
      status: .payloadTooLarge,
      reason: "RequestEntityTooLarge",
      message: "the body is larger than \(limitBytes) bytes"
    )
  }

  /// The body stopped coming.
  static let bodyTooSlow = Refusal(
    status: .requestTimeout,
    reason: "Timeout",
    message: "the body did not come within \(ServerLimits.bodySecondsMax) seconds"
  )
  static let targetTooLong = Refusal(
    status: .uriTooLong,
    reason: "RequestURITooLong",
    message: "the request's target is longer than \(ServerLimits.targetBytesMax) bytes"
  )
  static let headersTooLarge = Refusal(
    status: .requestHeaderFieldsTooLarge,
    reason: "RequestHeaderFieldsTooLarge",
    message:
      "the request has more than \(ServerLimits.headersMax) headers, or \(ServerLimits.headerBytesMax) bytes of them"
  )
  /// The server has too much in hand.
  static let busy = Refusal(
    status: .serviceUnavailable,
    reason: "ServiceUnavailable",
    message: "too many reviews are in hand; send this one again later"
  )

  /// Too many audit batches wait already.
  static func overloaded(limitBytes: Int) -> Refusal {
    Refusal(
      status: .serviceUnavailable,
      reason: "ServiceUnavailable",
      message: "audit batches of \(limitBytes) bytes are being read and judged; send this one again later"
    )
  }

  /// The audit batch was read, and is not safe.
  static func unavailable(_ message: String) -> Refusal {
    Refusal(status: .serviceUnavailable, reason: "ServiceUnavailable", message: message)
  }

  /// The body is nothing that can be answered.
  static func badRequest(_ message: String) -> Refusal {
    Refusal(status: .badRequest, reason: "BadRequest", message: message)
  }

  /// The review was read but could not be decided; never a silent allow.
  static func undecided(_ message: String) -> Refusal {
    Refusal(status: .internalServerError, reason: "InternalError", message: message)
  }

  /// The answer's body.
  var body: ByteBuffer {
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("kind", "Status")
    writer.field("apiVersion", "v1")
    writer.field("status", "Failure")
    writer.field("message", message)
    writer.field("reason", reason)
    writer.field("code", Int(status.code))
    writer.endObject()
    return ByteBuffer(bytes: writer.bytes)
  }

  /// Headers beside the usual ones.
  var headers: [(String, String)] {
    switch status {
    case .methodNotAllowed: [("Allow", "POST")]
    case .serviceUnavailable: [("Retry-After", String(ServerLimits.retryAfterSeconds))]
    default: []
    }
  }
}

// Answers that are not verdicts: what was wrong with the request, as a Kubernetes Status.

internal import JSONDocument
internal import NIOHTTP1

/// Why a request got no verdict.
///
/// To the API server each of these is a failed call, so its failurePolicy applies.
struct Refusal: Error, Equatable {
  let status: HTTPResponseStatus
  /// Kubernetes' StatusReason (apimachinery, pkg/apis/meta/v1/types.go).
  let reason: String
  let message: String

  static let notFound = Refusal(
    status: .notFound,
    reason: "NotFound",
    message: "there is nothing here; POST an AdmissionReview to "
      + Route.modes.map(\.path).joined(separator: ", ")
  )
  static let methodNotAllowed = Refusal(
    status: .methodNotAllowed,
    reason: "MethodNotAllowed",
    message: "only POST is answered here"
  )
  static let unsupportedMediaType = Refusal(
    status: .unsupportedMediaType,
    reason: "UnsupportedMediaType",
    message: "send the AdmissionReview uncompressed as Content-Type: application/json"
  )
  static let bodyTooLarge = Refusal(
    status: .payloadTooLarge,
    reason: "RequestEntityTooLarge",
    message: "the body is larger than \(ServerLimits.bodyBytesMax) bytes"
  )

  /// The body is no review that can be answered.
  static func badRequest(_ message: String) -> Refusal {
    Refusal(status: .badRequest, reason: "BadRequest", message: message)
  }

  /// The review was read but could not be decided; never a silent allow.
  static func undecided(_ message: String) -> Refusal {
    Refusal(status: .internalServerError, reason: "InternalError", message: message)
  }

  /// The answer's body.
  var body: [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("kind", "Status")
    writer.field("apiVersion", "v1")
    writer.field("status", "Failure")
    writer.field("message", message)
    writer.field("reason", reason)
    writer.field("code", Int(status.code))
    writer.endObject()
    return writer.bytes
  }

  /// Headers beside the usual ones.
  var headers: [(String, String)] { self == .methodNotAllowed ? [("Allow", "POST")] : [] }
}

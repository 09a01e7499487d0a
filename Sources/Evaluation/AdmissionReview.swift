// Reads admission.k8s.io/v1 AdmissionReview.

package import JSONDocument

/// Why a document is no AdmissionReview that can be answered.
package enum AdmissionReviewError: Error, Equatable, Sendable {
  /// It is another kind of document.
  case notAReview
  /// It is a review of a version other than v1.
  case unsupportedVersion(String)
  /// A field is missing or of the wrong type.
  case missingField(String)
  /// `request.operation` is none that Kubernetes has.
  case unknownOperation(String)
}

extension AdmissionReviewError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAReview: "the document is not an AdmissionReview (kind: AdmissionReview, apiVersion: admission.k8s.io/v1)"
    case .unsupportedVersion(let version):
      "AdmissionReview of \(version.prefix(40)) is not supported; register the webhook with admissionReviewVersions: [v1]"
    case .missingField(let field): "the AdmissionReview has no \(field)"
    case .unknownOperation(let operation): "the AdmissionReview has the unknown operation \"\(operation.prefix(40))\""
    }
  }
}

extension AdmissionRequest {
  /// Whether a document says that it is an AdmissionReview, of whatever version.
  package static func isReview(_ document: borrowing JSONValue) -> Bool {
    document.member("kind")?.equals("AdmissionReview") ?? false
  }

  /// Reads the request of an AdmissionReview.
  ///
  /// Source: k8s.io/api/admission/v1, AdmissionReview and AdmissionRequest. `kind` is read, not `requestKind`: with
  /// `matchPolicy: Equivalent` the object was converted to it.
  /// - Throws: `AdmissionReviewError`.
  @_lifetime(copy review)
  package init(review: JSONValue, at time: Timestamp) throws(AdmissionReviewError) {
    guard Self.isReview(review) else { throw .notAReview }
    guard let apiVersion = review.string("apiVersion") else { throw .missingField("apiVersion") }
    guard apiVersion == "admission.k8s.io/v1" else { throw .unsupportedVersion(apiVersion) }
    guard let request = review.object("request") else { throw .missingField("request") }
    guard let uid = request.string("uid"), !uid.isEmpty else { throw .missingField("request.uid") }
    guard let operationName = request.string("operation") else { throw .missingField("request.operation") }
    guard let operation = Operation(rawValue: operationName) else { throw .unknownOperation(operationName) }
    guard let kind = request.object("kind"), let kindName = kind.string("kind"), !kindName.isEmpty else {
      throw .missingField("request.kind.kind")
    }
    let groupVersionKind = GroupVersionKind(
      group: kind.string("group") ?? "",
      version: kind.string("version") ?? "",
      kind: kindName
    )
    self.init(request: request, operation: operation, kind: groupVersionKind, at: time)
  }
}

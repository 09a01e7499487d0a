// Reads audit.k8s.io Event.

internal import Evaluation
package import JSONDocument

/// An audit event, as a view over the document it was read from.
///
/// Source: k8s.io/apiserver, pkg/apis/audit/v1/types.go.
package struct AuditEvent: ~Escapable {
  private let event: JSONValue
  private let target: JSONValue?

  /// How the API group begins in which the API server puts other forms of an object than its own: Table and
  /// PartialObjectMetadata, for which a client may ask (Kubernetes API concepts, alternate representations).
  static let otherForms: StaticString = #""meta.k8s.io/"#
  private static let otherFormsGroup = Array("meta.k8s.io/".utf8)
  /// What AKS puts in the place of large bodies.
  private static let tooBig: StaticString = "skipped-too-big-size-object"

  /// Reads a value that is an audit event in the shape in which the API server writes it.
  @_lifetime(copy event)
  package init(_ event: JSONValue) {
    self.event = event
    target = event.object("objectRef")
  }

  var auditID: String { event.string("auditID") ?? "" }
  var stage: String { event.string("stage") ?? "" }
  package var verb: String { event.string("verb") ?? "" }
  var userAgent: String { event.string("userAgent") ?? "" }
  var requestURI: String { event.string("requestURI") ?? "" }
  var sourceIPs: [String] { event.strings("sourceIPs") }

  /// Whether the API server logs no more about this request.
  var isFinal: Bool {
    // A stage that a pipeline dropped is no reason to look away.
    guard let stage = event.member("stage") else { return true }
    return stage.equals("ResponseComplete") || stage.equals("Panic")
  }

  /// When the request came in.
  var time: Timestamp? {
    // `timestamp` is that of v1beta1 before Kubernetes 1.10.
    for field: StaticString in ["requestReceivedTimestamp", "stageTimestamp", "timestamp"] {
      if let text = event.string(field), let time = Timestamp(rfc3339: text) { return time }
    }
    return nil
  }

  /// HTTP, 0 when the event does not say.
  var responseCode: Int {
    guard let code = event.object("responseStatus")?.member("code") else { return 0 }
    // Some pipelines turn numbers into text.
    return code.integer ?? code.string.flatMap { Int($0) } ?? 0
  }

  /// Who the request counts as: the impersonated user where there is one, as for admission.
  var user: UserInfo {
    if let impersonated = event.object("impersonatedUser") { return Self.userInfo(impersonated) }
    return Self.userInfo(event.object("user"))
  }

  /// Who sent the request, where that is somebody else.
  var impersonator: String? { event.object("impersonatedUser") == nil ? nil : event.object("user")?.string("username") }

  private static func userInfo(_ user: consuming JSONValue?) -> UserInfo {
    UserInfo(username: user?.string("username") ?? "", groups: user?.strings("groups") ?? [])
  }

  var resource: String { target?.string("resource") ?? "" }
  var group: String { target?.string("apiGroup") ?? "" }
  var subresource: String { target?.string("subresource") ?? "" }
  var namespace: String { target?.string("namespace") ?? "" }
  /// Empty for a create with `generateName`.
  var name: String { target?.string("name") ?? "" }

  /// Whether `dryRun` was asked for.
  ///
  /// The request's query says so.
  var isDryRun: Bool {
    var requestURI = requestURI
    return requestURI.withUTF8 { unsafe RequestQuery.asksForDryRun(UnsafeRawBufferPointer($0)) }
  }

  /// What was sent: an object, a patch of any form, or nil where it was not logged.
  var requestObject: JSONValue? {
    @_lifetime(copy self)
    get { event.member("requestObject") }
  }

  /// What was stored; nil where that was not logged, or in another form than the object's own.
  ///
  /// Which form, the client chooses: a Table or its mere metadata would hide what the object is. An object of its own form
  /// has metadata, and in a built-in kind what makes pods.
  var responseObject: JSONValue? {
    @_lifetime(copy self)
    get {
      guard let object = event.object("responseObject"), object.object("metadata") != nil,
        !(object.member("apiVersion")?.begins(with: Self.otherFormsGroup) ?? false),
        !(object.member("kind")?.equals("Status") ?? false),
        AuditedResource(group: group, resource: resource).isWhole(object)
      else { return nil }
      return object
    }
  }

  /// Whether a log service says that it left a body out for its size.
  var isOversized: Bool {
    if annotation(UnwrappedAnnotations.oversized) != nil { return true }
    return event.member("requestObject")?.equals(Self.tooBig) ?? false
      || event.member("responseObject")?.equals(Self.tooBig) ?? false
  }

  /// Whether the event holds a body to judge.
  var hasBody: Bool {
    if responseObject != nil { return true }
    guard let sent = requestObject else { return false }
    return sent.isObject || sent.isArray
  }

  /// The value of one of the event's own annotations.
  func annotation(_ name: StaticString) -> String? { event.object("annotations")?.string(name) }
}

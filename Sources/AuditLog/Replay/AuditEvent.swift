// Reads audit.k8s.io Event.

internal import Evaluation
package import JSONDocument

/// An audit event, as a view over the document it was read from.
///
/// Source: k8s.io/apiserver, pkg/apis/audit/v1/types.go.
package struct AuditEvent: ~Escapable {
  private let event: JSONValue
  private let target: JSONValue?

  private static let dryRun = Array("dryRun=".utf8)

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
    guard let stage = event.member("stage") else { return false }
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
  var responseCode: Int { event.object("responseStatus")?.member("code")?.integer ?? 0 }

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
  /// The request's query says so; some managed services leave the query out.
  var isDryRun: Bool {
    let requestURI = requestURI.utf8
    guard let mark = requestURI.firstIndex(of: UInt8(ascii: "?")) else { return false }
    let query = requestURI[requestURI.index(after: mark)...]
    return query.split(separator: UInt8(ascii: "&")).contains { parameter in
      parameter.count > Self.dryRun.count && parameter.starts(with: Self.dryRun)
    }
  }

  /// What was sent: an object, a patch of any form, or nil where it was not logged.
  var requestObject: JSONValue? {
    @_lifetime(copy self)
    get { event.member("requestObject") }
  }

  /// What was stored; nil where that was not logged, or was only a Status.
  var responseObject: JSONValue? {
    @_lifetime(copy self)
    get {
      guard let object = event.object("responseObject"), !(object.member("kind")?.equals("Status") ?? false) else {
        return nil
      }
      return object
    }
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

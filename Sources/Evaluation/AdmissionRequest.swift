// The one normal form of what all three doors read: who wants to write what.

package import JSONDocument

/// What a request does to its object.
package enum Operation: String, Sendable, CaseIterable {
  case create = "CREATE"
  case update = "UPDATE"
  case delete = "DELETE"
  case connect = "CONNECT"
}

/// Who sent a request.
package struct UserInfo: Sendable, Equatable {
  package var username: String
  package var groups: [String]

  /// Creates a user from a name and groups; an empty name is nobody in particular.
  package init(username: String, groups: [String]) {
    self.username = username
    self.groups = groups
  }
}

/// Who a request is from and what it is about, where that is not read from a review.
package struct RequestIdentity: Sendable, Equatable {
  /// The review's uid or the audit event's `auditID`, empty for a manifest.
  package var uid: String
  package var user: UserInfo
  /// Nil where only the object says it.
  package var namespace: String?
  /// Nil where only the object says it.
  package var name: String?

  /// Creates an identity.
  package init(uid: String, user: UserInfo, namespace: String?, name: String?) {
    self.uid = uid
    self.user = user
    self.namespace = namespace
    self.name = name
  }
}

/// A request to write an object, as a view over the document it was read from.
///
/// Nothing is copied until the evaluator finds an attachment: an ordinary request costs no more than its reading.
package struct AdmissionRequest: ~Escapable {
  package var operation: Operation
  package var kind: GroupVersionKind
  /// As in `ephemeralcontainers`; empty for the object itself.
  package var subresource: String
  package var isDryRun: Bool
  package var time: Timestamp
  /// Where the request came from, where the door knows it.
  package var sourceIP: String?
  package let object: JSONValue?
  package let oldObject: JSONValue?

  /// `request` of an AdmissionReview, or nil for a manifest.
  private let request: JSONValue?
  /// For all that is no review.
  private let identity: RequestIdentity

  /// Creates the request that would create a manifest.
  ///
  /// - Parameter namespace: that of a manifest that names none.
  @_lifetime(copy manifest)
  package init(
    creating manifest: JSONValue,
    kind: GroupVersionKind,
    as user: UserInfo,
    in namespace: String? = nil,
    at time: Timestamp
  ) {
    let named = manifest.object("metadata")?.string("namespace") ?? ""
    self.init(
      operation: .create,
      kind: kind,
      time: time,
      object: manifest,
      oldObject: nil,
      request: nil,
      identity: RequestIdentity(uid: "", user: user, namespace: named.isEmpty ? namespace : named, name: nil)
    )
  }

  /// Creates the request that an audit event tells of.
  ///
  /// - Parameter object: what was written; there is no old object in an audit log.
  @_lifetime(copy object)
  package init(
    _ operation: Operation,
    audited object: JSONValue,
    kind: GroupVersionKind,
    identity: RequestIdentity,
    at time: Timestamp
  ) {
    self.init(
      operation: operation,
      kind: kind,
      time: time,
      object: object,
      oldObject: nil,
      request: nil,
      identity: identity
    )
  }

  /// Creates the request that a review carries.
  @_lifetime(copy request)
  init(request: JSONValue, operation: Operation, kind: GroupVersionKind, at time: Timestamp) {
    self.init(
      operation: operation,
      kind: kind,
      time: time,
      object: request.object("object"),
      oldObject: request.object("oldObject"),
      request: request,
      identity: RequestIdentity(uid: "", user: UserInfo(username: "", groups: []), namespace: nil, name: nil)
    )
    subresource = request.string("subResource") ?? ""
    isDryRun = request.isTrue("dryRun")
  }

  @_lifetime(copy object, copy oldObject, copy request)
  private init(
    operation: Operation,
    kind: GroupVersionKind,
    time: Timestamp,
    object: consuming JSONValue?,
    oldObject: consuming JSONValue?,
    request: consuming JSONValue?,
    identity: RequestIdentity
  ) {
    self.operation = operation
    self.kind = kind
    self.time = time
    self.object = object
    self.oldObject = oldObject
    self.request = request
    self.identity = identity
    subresource = ""
    isDryRun = false
    sourceIP = nil
  }

  /// The review's uid or the audit event's `auditID`, empty for a manifest.
  package var uid: String { request?.string("uid") ?? identity.uid }

  /// Empty for cluster-scoped objects and for manifests that leave it to the client.
  package var namespace: String {
    if let request { return request.string("namespace") ?? "" }
    return identity.namespace ?? object?.object("metadata")?.string("namespace") ?? ""
  }

  /// The object's name; the prefix and `*` where the API server is still to make one from `generateName`.
  package var name: String {
    if let name = request?.string("name") ?? identity.name, !name.isEmpty { return name }
    guard let metadata = object?.object("metadata") else { return "" }
    if let name = metadata.string("name"), !name.isEmpty { return name }
    return metadata.string("generateName").map { "\($0)*" } ?? ""
  }

  /// `metadata.uid` of the object, empty where there is none yet.
  package var objectUID: String { object?.object("metadata")?.string("uid") ?? "" }

  package var user: UserInfo {
    guard let user = request?.object("userInfo") else { return identity.user }
    return UserInfo(username: user.string("username") ?? "", groups: user.strings("groups"))
  }

  /// The resource as kubectl names it, `deployments.apps`; empty where the request is no review.
  package var resource: String {
    guard let resource = request?.object("resource") else { return "" }
    let (name, group) = (resource.string("resource") ?? "", resource.string("group") ?? "")
    return group.isEmpty ? name : "\(name).\(group)"
  }

  /// What a risk event and the words about a decision need to know, copied: it outlives the document.
  package var subject: RequestSubject {
    RequestSubject(
      uid: uid,
      time: time,
      operation: operation,
      subresource: subresource,
      isDryRun: isDryRun,
      kind: kind,
      namespace: namespace,
      name: name,
      generateName: object?.object("metadata")?.string("generateName") ?? "",
      controller: controller,
      objectUID: objectUID,
      user: user,
      sourceIP: sourceIP
    )
  }
}

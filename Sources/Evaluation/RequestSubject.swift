// Who wrote what, when and from where: a request without its object.

/// What outlives the document of a request: enough for risk events and for words.
package struct RequestSubject: Sendable, Equatable {
  /// The review's uid or the audit event's `auditID`, empty for a manifest.
  package var uid: String
  package var time: Timestamp
  package var operation: Operation
  /// As in `ephemeralcontainers`; empty for the object itself.
  package var subresource: String
  package var isDryRun: Bool
  package var kind: GroupVersionKind
  /// Empty for cluster-scoped objects.
  package var namespace: String
  package var name: String
  /// `metadata.generateName` of the object, empty where it has none.
  package var generateName: String
  /// The controller that the object says it belongs to.
  package var controller: OwnerReference?
  /// `metadata.uid` of the object, empty where there is none yet.
  package var objectUID: String
  package var user: UserInfo
  /// Where the request came from, where the door knows it.
  package var sourceIP: String?

  /// Creates a subject.
  package init(
    uid: String,
    time: Timestamp,
    operation: Operation,
    subresource: String,
    isDryRun: Bool,
    kind: GroupVersionKind,
    namespace: String,
    name: String,
    generateName: String = "",
    controller: OwnerReference? = nil,
    objectUID: String,
    user: UserInfo,
    sourceIP: String?
  ) {
    self.uid = uid
    self.time = time
    self.operation = operation
    self.subresource = subresource
    self.isDryRun = isDryRun
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.generateName = generateName
    self.controller = controller
    self.objectUID = objectUID
    self.user = user
    self.sourceIP = sourceIP
  }
}

// What is kept of one event of interest: enough to decide it in the order of the log, after its document is gone.

internal import Evaluation

/// An event of interest, read by any thread and decided by one.
struct ObservedEvent: Sendable {
  /// What an event by itself proves of the object before an update.
  enum Proof: Sendable {
    case nothing
    /// It had the same attachments.
    case sameAttachments
    /// It had the same spec.
    case sameSpec
  }

  /// What a request says about an object.
  struct Write: Sendable {
    var operation: Evaluation.Operation
    var kind: GroupVersionKind
    var objectName: String
    var objectUID: String
    /// As the object has it; empty where it has none.
    var generateName: String
    var impersonator: String?
    var sourceIPs: [String]
    var userAgent: String
    var owner: OwnerReference?
    var outcome: ReplayFinding.Outcome
    var evidence: ReplayFinding.Evidence
    var located: LocatedAttachments
    var isMirrorPod: Bool
    var proof: Proof
    /// Whether the stored object carries a `deletionTimestamp`.
    var isBeingDeleted: Bool
  }

  /// The line the record begins on, counted from the beginning of the segment.
  var line: Int
  var facts: EventFacts
  /// Tells second deliveries of one event; nil for an event without `auditID`.
  var delivery: ObjectKey?
  /// The object whose state is remembered; nil for pods, whose hostNetwork never changes, and objects without a name.
  var object: ObjectKey?
  /// Nil when Hostfence has nothing to judge here.
  var write: Write?
  var gap: CoverageGap?
  /// Whether `gap` is one of a custom resource.
  var isCustomGap = false
  /// What the Splunk search finds.
  var hit: AnalyticHit?
  /// Why the search does not find it, or why Hostfence does not, for a comparison.
  var explanation: String?
}

/// Who asked for what: the fields of an event that filters, comparisons and findings all need.
struct EventFacts: Sendable {
  var auditID: String
  /// The epoch when the event does not say.
  var time: Timestamp
  var verb: String
  var user: UserInfo
  var group: String
  var resource: String
  var subresource: String
  var namespace: String
  /// Empty for a create with `generateName`.
  var name: String
  /// HTTP, 0 when the event does not say.
  var responseCode: Int

  init(_ event: borrowing AuditEvent) {
    auditID = event.auditID
    time = event.time ?? Timestamp(microseconds: 0)
    verb = event.verb
    user = event.user
    group = event.group
    resource = event.resource
    subresource = event.subresource
    namespace = event.namespace
    name = event.name
    responseCode = event.responseCode
  }

  /// Whether the request was accepted, as far as the event says.
  var isAccepted: Bool { responseCode == 0 || (200..<300).contains(responseCode) }

  /// Whether the object itself is written, or a subresource that the evaluator judges as well.
  var isOfJudgedSubresource: Bool {
    subresource.isEmpty || AuditedResource.judgedSubresources.contains { $0.description == subresource }
  }

  /// The resource and its subresource, as an audit policy names it: `pods/ephemeralcontainers`.
  var policyResource: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }

  /// The resource as kubectl names it: `deployments.apps`.
  var qualifiedResource: String { group.isEmpty ? policyResource : "\(policyResource).\(group)" }
}

/// A short name for an object or an event, equal for equal ones within this process.
struct ObjectKey: Sendable, Hashable {
  private let first: UInt64
  private let second: UInt64

  /// Makes the key of an object by its resource, namespace and name, given as bytes.
  ///
  /// A built-in resource is the same in every group that serves it (`extensions` and `apps`); for all others the group
  /// counts.
  init(
    _ audited: AuditedResource,
    group: UnsafeRawBufferPointer,
    resource: UnsafeRawBufferPointer,
    namespace: UnsafeRawBufferPointer,
    name: UnsafeRawBufferPointer
  ) {
    self.init { hasher in
      if let kind = audited.kindName {
        hasher.combine(kind.utf8CodeUnitCount)
        unsafe hasher.combine(bytes: UnsafeRawBufferPointer(start: kind.utf8Start, count: kind.utf8CodeUnitCount))
      } else {
        hasher.combine(group.count)
        unsafe hasher.combine(bytes: group)
        hasher.combine(resource.count)
        unsafe hasher.combine(bytes: resource)
      }
      hasher.combine(namespace.count)
      unsafe hasher.combine(bytes: namespace)
      unsafe hasher.combine(bytes: name)
    }
  }

  /// As above.
  init(_ audited: AuditedResource, _ facts: EventFacts) {
    var (group, resource, namespace, name) = (facts.group, facts.resource, facts.namespace, facts.name)
    self = group.withUTF8 { group in
      resource.withUTF8 { resource in
        namespace.withUTF8 { namespace in
          name.withUTF8 { name in
            unsafe ObjectKey(
              audited,
              group: UnsafeRawBufferPointer(group),
              resource: UnsafeRawBufferPointer(resource),
              namespace: UnsafeRawBufferPointer(namespace),
              name: UnsafeRawBufferPointer(name)
            )
          }
        }
      }
    }
  }

  /// Makes a key of a few texts.
  init(_ texts: [String]) {
    self.init { hasher in hasher.combine(texts) }
  }

  private init(_ combine: (inout Hasher) -> Void) {
    func half(_ number: UInt8) -> UInt64 {
      var hasher = Hasher()
      hasher.combine(number)
      combine(&hasher)
      return UInt64(bitPattern: Int64(hasher.finalize()))
    }
    first = half(1)
    second = half(2)
  }
}

/// What a write that attaches nothing does to what is remembered of its object.
struct ObjectChange: Sendable {
  enum Kind: Sendable {
    /// The object now has no attachments.
    case written
    /// What it now has is not in the log.
    case unknown
    /// It is gone or on its way.
    case deleted
  }

  var object: ObjectKey
  var kind: Kind
}

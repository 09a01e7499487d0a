// What a patch says about hostNetwork, where the object it was laid over is not in the log.

internal import Evaluation
internal import JSONDocument

/// The body of a PATCH request: a JSON Patch (RFC 6902), or a merge patch, strategic merge patch or applied configuration.
struct PatchBody: ~Escapable {
  private let body: JSONValue

  @_lifetime(copy body)
  init(_ body: JSONValue) { self.body = body }

  /// Whether the patch itself could have put `hostNetwork` into an object; if not, it was there before.
  var namesHostNetwork: Bool {
    guard body.isArray else { return body.mayContain("hostNetwork") }
    var operations = body.elements
    while let operation = operations.next() {
      if let path = operation.string("path"), path.hasSuffix("/hostNetwork") || Self.isCopy(operation) { return true }
      if let value = operation.member("value"), value.mayContain("hostNetwork") { return true }
    }
    return false
  }

  /// Whether `hostNetwork` may be gone after the patch, or be another's: an applied configuration drops the fields that it
  /// no longer names.
  func mayDropHostNetwork(of kind: GroupVersionKind) -> Bool {
    guard body.isArray else {
      guard case .path(let podSpec) = PodSpecPlacement.of(kind) else { return true }
      return body.member("apiVersion") != nil || Self.touches(body, podSpec.keys + ["hostNetwork"])
    }
    let place = Self.place(in: kind)
    var operations = body.elements
    while let operation = operations.next() {
      if operation.member("op")?.equals("test") ?? false { continue }
      if Self.reaches(operation.string("path"), place) || Self.reaches(operation.string("from"), place) { return true }
    }
    return false
  }

  /// Whether a JSON Patch copies or moves something to where it is `hostNetwork`, or holds it.
  func mayMoveHostNetwork(of kind: GroupVersionKind) -> Bool {
    guard body.isArray else { return false }
    let place = Self.place(in: kind)
    var operations = body.elements
    while let operation = operations.next() {
      if Self.isCopy(operation), Self.reaches(operation.string("path"), place) { return true }
    }
    return false
  }

  /// Whether a merge patch sets, replaces or drops what stands at a place, or anything that holds it.
  ///
  /// `$patch` and its like are the directives of strategic merge patches (Kubernetes, Update API Objects in Place).
  private static func touches(_ patch: borrowing JSONValue, _ keys: [StaticString]) -> Bool {
    guard let key = keys.first else { return true }
    guard patch.isObject, patch.member("$patch") == nil, patch.member("$retainKeys") == nil else { return true }
    guard let next = patch.member(key) else { return false }
    return touches(next, Array(keys.dropFirst()))
  }

  /// The JSON Pointer of `hostNetwork`; nil for a kind that is not known, where it may be anywhere.
  private static func place(in kind: GroupVersionKind) -> String? {
    guard case .path(let podSpec) = PodSpecPlacement.of(kind) else { return nil }
    return podSpec.pointer + "/hostNetwork"
  }

  /// Whether what stands at a path is, or holds, what stands at a place.
  private static func reaches(_ path: String?, _ place: String?) -> Bool {
    guard let path else { return false }
    guard let place else { return true }
    return place == path || place.hasPrefix(path + "/")
  }

  /// The attachments that the patch writes, as if what it writes were an object of that kind.
  ///
  /// - Throws: `EvaluationError` when what it writes cannot be judged.
  func locate(
    _ request: borrowing AdmissionRequest,
    _ evaluator: Evaluator,
    _ parser: JSONParser
  ) throws(EvaluationError) -> LocatedAttachments {
    guard body.isArray else { return Self.settled(try evaluator.locate(in: request), request.kind) }
    var located: LocatedAttachments = []
    var operations = body.elements
    while let operation = operations.next() {
      // What an operation takes away or writes anew is no longer what an earlier one put there.
      if let path = operation.string("path"), !(operation.member("op")?.equals("test") ?? false) {
        located.removeAll { Self.reaches(path, $0.attachment.pointer) }
      }
      guard let document = Self.written(by: operation) else { continue }
      let kind = request.kind
      let identity = RequestIdentity(uid: "", user: UserInfo(username: "", groups: []), namespace: nil, name: nil)
      let result: Result<LocatedAttachments, EvaluationError>? = try? parser.withDocument(document) { object in
        do throws(EvaluationError) {
          let time = Timestamp(microseconds: 0)
          let part = AdmissionRequest(
            .update,
            audited: object.value(at: object.index),
            kind: kind,
            identity: identity,
            at: time
          )
          return .success(try evaluator.locate(in: part))
        } catch {
          return .failure(error)
        }
      }
      if let result { located += Self.settled(try result.get(), kind) }
    }
    return located
  }

  /// In a built-in kind a pod spec always has containers, though a patch need not name them (Kubernetes API reference).
  private static func settled(_ located: LocatedAttachments, _ kind: GroupVersionKind) -> LocatedAttachments {
    guard case .path = PodSpecPlacement.of(kind) else { return located }
    return located.map { attachment in
      var settled = attachment
      settled.attachment.certainty = .certain
      return settled
    }
  }

  private static func isCopy(_ operation: borrowing JSONValue) -> Bool {
    guard let name = operation.member("op") else { return false }
    return name.equals("copy") || name.equals("move")
  }

  /// The object that has nothing but what one operation of a JSON Patch adds or replaces.
  private static func written(by operation: borrowing JSONValue) -> [UInt8]? {
    guard let name = operation.member("op"), name.equals("add") || name.equals("replace"),
      let path = operation.string("path"), let value = operation.member("value"),
      path.utf8.count <= AuditLogLimits.patchPathBytesMax
    else { return nil }
    guard path.hasSuffix("/hostNetwork") || value.mayContain("hostNetwork") else { return nil }
    let keys = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    var writer = JSONWriter()
    for key in keys {
      writer.beginObject()
      writer.key(Self.unescape(key))
    }
    value.write(to: &writer)
    for _ in keys { writer.endObject() }
    return writer.bytes
  }

  /// RFC 6901 section 4: `~1` first, then `~0`.
  private static func unescape(_ token: Substring) -> String {
    var text = ""
    var rest = token[...]
    while let tilde = rest.firstIndex(of: "~") {
      text += rest[..<tilde]
      let code = rest[tilde...].dropFirst().first
      text += code == "1" ? "/" : "~"
      rest = rest[tilde...].dropFirst(2)
    }
    return text + rest
  }
}

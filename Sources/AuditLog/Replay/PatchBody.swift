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

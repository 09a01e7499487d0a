// Google Kubernetes Engine: audit logs as Cloud Logging keeps them.

internal import JSONDocument

/// A LogEntry: `{"insertId":"…","protoPayload":{"@type":"…AuditLog","serviceName":"k8s.io",…},"timestamp":"…"}`.
///
/// GKE turns each audit event into Google's own AuditLog message, without the groups of the user; the event is put
/// together again from that. Audit logs of other services are other logs. Entries with another payload are those of a
/// cluster that ships its log itself: the payload is looked at as it is.
/// Source: Cloud Logging, LogEntry; google.cloud.audit.AuditLog.
enum GoogleLogEntry: LogWrapper {
  static let signs: [StaticString] = ["jsonPayload", "protoPayload", "textPayload"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    if let payload = object.member("jsonPayload", or: "textPayload") {
      return unwrapper.unwrap(inner: payload, into: &sink)
    }
    guard let payload = object.object("protoPayload") else { return nil }
    guard let service = payload.member("serviceName"), service.equals("k8s.io"),
      let method = payload.string("methodName"), let name = payload.string("resourceName")
    else { return .other }
    let target = GoogleResourceName(name)
    var writer = JSONWriter(capacityBytes: 4 << 10)
    writer.beginObject()
    StandardEvent.begin(&writer)
    writer.field("level", "RequestResponse")
    writer.field("auditID", object.string("insertId") ?? "")
    writer.field("stage", "ResponseComplete")
    writer.field("requestURI", "/" + name)
    let verb = method.lastIndex(of: ".").map { String(method[method.index(after: $0)...]) } ?? method
    writer.field("verb", verb)
    writeRequester(of: payload, to: &writer)
    write(target, payload, to: &writer)
    writeStatus(of: payload, verb: verb, to: &writer)
    writeBody("requestObject", payload.member("request"), target, to: &writer)
    writeBody("responseObject", payload.member("response"), target, to: &writer)
    let time = object.string("timestamp")
    writer.field("requestReceivedTimestamp", time)
    writer.field("stageTimestamp", object.string("receiveTimestamp") ?? time)
    writeAnnotations(of: object, to: &writer)
    writer.endObject()
    return unwrapper.deliver(event: writer.bytes, into: &sink)
  }

  private static func writeRequester(of payload: borrowing JSONValue, to writer: inout JSONWriter) {
    let identity = payload.object("authenticationInfo")
    writer.key("user")
    writer.beginObject()
    let name = identity?.string("principalEmail") ?? identity?.string("principalSubject")
    writer.field("username", name ?? identity?.string("authoritySelector"))
    writer.endObject()
    guard let metadata = payload.object("requestMetadata") else { return }
    if let address = metadata.string("callerIp") ?? metadata.string("callerIP") {
      writer.field("sourceIPs", [address])
    }
    writer.field("userAgent", metadata.string("callerSuppliedUserAgent"))
  }

  private static func write(
    _ target: GoogleResourceName,
    _ payload: borrowing JSONValue,
    to writer: inout JSONWriter
  ) {
    guard let resource = target.resource else { return }
    writer.key("objectRef")
    writer.beginObject()
    writer.field("resource", resource)
    writer.field("namespace", target.namespace)
    writer.field("name", target.name ?? payload.object("request")?.object("metadata")?.string("name"))
    if !target.group.isEmpty { writer.field("apiGroup", target.group) }
    writer.field("apiVersion", target.version)
    writer.field("subresource", target.subresource)
    writer.endObject()
  }

  private static func writeStatus(of payload: borrowing JSONValue, verb: String, to writer: inout JSONWriter) {
    let status = payload.object("status")
    writer.key("responseStatus")
    writer.beginObject()
    writer.key("metadata")
    writer.beginObject()
    writer.endObject()
    writer.field("message", status?.string("message"))
    writer.field("code", GoogleStatus.httpCode(of: status?.member("code")?.integer ?? 0, verb: verb))
    writer.endObject()
  }

  /// The body without the name of its type, and with the kind and version that only this name says.
  private static func writeBody(
    _ key: String,
    _ body: consuming JSONValue?,
    _ target: GoogleResourceName,
    to writer: inout JSONWriter
  ) {
    guard let body else { return }
    guard let type = body.string("@type") else { return writer.field(key, copying: body) }
    // Protobuf's JSON puts what is no object (the list of a JSON Patch) under this name.
    if let value = body.member("value"), value.isArray { return writer.field(key, copying: value) }
    writer.key(key)
    writer.beginObject()
    if let kind = GoogleStatus.kind(ofType: type), body.member("kind") == nil {
      writer.field("kind", kind)
      if target.subresource == nil, body.member("apiVersion") == nil { writer.field("apiVersion", target.apiVersion) }
    }
    var members = body.members
    while let member = members.next() {
      if !member.key.equals("@type") { writer.copy(member) }
    }
    writer.endObject()
  }

  private static func writeAnnotations(of entry: borrowing JSONValue, to writer: inout JSONWriter) {
    writer.key("annotations")
    writer.beginObject()
    if let labels = entry.object("labels") {
      var members = labels.members
      while let label = members.next() { writer.copy(label) }
    }
    if let labels = entry.object("resource")?.object("labels") {
      var members = labels.members
      while let label = members.next() { writer.copy(label) }
    }
    writer.endObject()
  }
}

/// What the codes and type names of Google's AuditLog mean to Kubernetes.
enum GoogleStatus {
  /// From gRPC's code (0 to 16) to the code of the API server's answer.
  ///
  /// Source: google.rpc.Code.
  static func httpCode(of code: Int, verb: String) -> Int {
    switch code {
    case 0: verb == "create" ? 201 : 200
    case 3: 400
    case 5: 404
    case 6: 409
    case 7: 403
    case 16: 401
    case 100...: code
    default: 500
    }
  }

  /// `core.k8s.io/v1.Pod` is a Pod; `k8s.io/Patch` is of no kind.
  static func kind(ofType type: String) -> String? {
    guard let slash = type.lastIndex(of: "/") else { return nil }
    let name = type[type.index(after: slash)...]
    guard name.first == "v", let dot = name.lastIndex(of: ".") else { return nil }
    return String(name[name.index(after: dot)...])
  }
}

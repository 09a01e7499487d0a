// Audit events for tests: recorded ones, made ones, and many at random.

import Evaluation

/// The audit log recorded from a real API server.
package enum RecordedAuditLog {
  /// Its lines, without line feeds.
  package static func lines() throws -> [String] {
    try Fixtures.text("audit-log/audit.jsonl").split(separator: "\n").map(String.init)
  }
}

/// An audit event under construction, written in the field order of the API server; every field has a sensible value.
package struct TestAuditEvent: Sendable {
  package var level = "RequestResponse"
  package var auditID = "11111111-2222-3333-4444-555555555555"
  package var stage = "ResponseComplete"
  package var query = "fieldManager=kubectl-client-side-apply\\u0026fieldValidation=Strict"
  package var verb = "create"
  package var username = "alice"
  package var groups = ["devs", "system:authenticated"]
  package var impersonatedUser: String?
  package var sourceIPs = ["10.0.0.5"]
  package var userAgent = "kubectl/v1.32.4"
  package var resource = "pods"
  package var group = ""
  package var subresource = ""
  package var namespace = "payments"
  package var name = "web"
  package var code: Int? = 201
  /// JSON, or nil where it was not logged.
  package var requestObject: String?
  package var responseObject: String?
  package var time = "2026-11-23T16:43:03.042000Z"
  package var annotations = ["authorization.k8s.io/decision": "allow"]

  /// Creates the event of a create.
  package init(_ object: String? = nil) {
    requestObject = object
    responseObject = object
  }

  /// The event on one line.
  package var json: String {
    func quoted(_ text: String) -> String { TestJSON.string(text).text }
    func list(_ texts: [String]) -> String { TestJSON.array(texts.map(TestJSON.string)).text }
    let path = "\(group.isEmpty ? "/api/v1" : "/apis/\(group)/v1")/namespaces/\(namespace)/\(resource)"
    var text = #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"\#(level)","auditID":"\#(auditID)","#
    text += #""stage":"\#(stage)","requestURI":"\#(path)?\#(query)","verb":"\#(verb)","#
    text += #""user":{"username":\#(quoted(username)),"groups":\#(list(groups))},"#
    if let impersonatedUser {
      text += #""impersonatedUser":{"username":\#(quoted(impersonatedUser)),"groups":["system:authenticated"]},"#
    }
    text += #""sourceIPs":\#(list(sourceIPs)),"userAgent":\#(quoted(userAgent)),"#
    text += #""objectRef":{"resource":"\#(resource)","namespace":"\#(namespace)""#
    if !name.isEmpty { text += #","name":"\#(name)""# }
    if !group.isEmpty { text += #","apiGroup":"\#(group)""# }
    text += #","apiVersion":"v1""#
    if !subresource.isEmpty { text += #","subresource":"\#(subresource)""# }
    text += "},"
    if let code { text += #""responseStatus":{"metadata":{},"code":\#(code)},"# }
    if let requestObject { text += #""requestObject":\#(requestObject),"# }
    if let responseObject { text += #""responseObject":\#(responseObject),"# }
    text += #""requestReceivedTimestamp":"\#(time)","stageTimestamp":"\#(time)""#
    if !annotations.isEmpty {
      let members = annotations.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      text += #","annotations":{\#(members.joined(separator: ","))}"#
    }
    return text + "}"
  }
}

extension TestAuditEvent {
  /// The event of an update of an object.
  package static func update(_ object: String, code: Int = 200) -> TestAuditEvent {
    var event = TestAuditEvent(object)
    event.verb = "update"
    event.code = code
    return event
  }

  /// The event of a patch; `object` is what came of it, nil where the response is not logged.
  package static func patch(_ patch: String, of resource: String, group: String, giving object: String?)
    -> TestAuditEvent
  {
    var event = TestAuditEvent()
    event.verb = "patch"
    event.resource = resource
    event.group = group
    event.code = 200
    event.requestObject = patch
    event.responseObject = object
    if object == nil { event.level = "Request" }
    return event
  }
}

/// Makes logs that hold what a scanner may trip over, the same for the same seed.
package struct AuditLogGenerator {
  private var generator: SeededGenerator
  private let recorded: [String]
  private var number = 0

  /// Creates a generator.
  package init(seed: UInt64) throws {
    generator = SeededGenerator(seed: seed)
    recorded = try RecordedAuditLog.lines()
  }

  /// Lines without line feeds.
  package mutating func lines(_ count: Int) -> [String] { (0..<count).map { _ in line() } }

  private mutating func line() -> String {
    number += 1
    let digits = String(number)
    let auditID = "00000000-0000-0000-0000-" + String(repeating: "0", count: 12 - digits.count) + digits
    if Int.random(in: 0..<3, using: &generator) == 0, let line = recorded.randomElement(using: &generator) {
      return line.replacing(#/"auditID":"[^"]*"/#, with: "\"auditID\":\"\(auditID)\"", maxReplacements: 1)
    }
    var event = TestAuditEvent(object())
    event.auditID = auditID
    event.verb = pick(["create", "update", "patch", "delete", "get", "list", "watch", "CREATE", "deletecollection"])
    event.level = pick(["Metadata", "Request", "RequestResponse", "RequestResponse"])
    event.stage = pick(["ResponseComplete", "ResponseComplete", "ResponseComplete", "RequestReceived", "Panic"])
    (event.resource, event.group) = pick([
      ("pods", ""), ("pods", ""), ("deployments", "apps"), ("leases", "coordination.k8s.io"),
      ("rollouts", "argoproj.io"),
      ("cronjobs", "batch"), ("configmaps", ""), ("deployments", "extensions"), ("podtemplates", ""),
    ])
    event.subresource = pick(["", "", "", "", "status", "ephemeralcontainers", "scale"])
    event.code = pick([201, 200, 200, 403, 422, nil])
    event.name = pick(["web", "api", "db", ""])
    event.username = pick(["alice", "bob \"the\" builder", "\\u0068ostNetwork", "hostNetwork"])
    event.query = pick(["", "dryRun=All", "fieldManager=kubectl\\u0026fieldValidation=Strict"])
    event.userAgent = pick(["kubectl/v1.32.4", "x\",\"objectRef\":{\"resource\":\"pods\"", "\"verb\":\"create\""])
    if event.level == "Metadata" { event.requestObject = nil }
    if event.level != "RequestResponse" { event.responseObject = nil }
    if Int.random(in: 0..<20, using: &generator) == 0 { event.annotations["audit.k8s.io/truncated"] = "true" }
    return event.json
  }

  private mutating func object() -> String {
    let hostNetwork = pick([
      #""hostNetwork":true,"#, #""hostNetwork":true,"#, #""hostNetwork":false,"#, "", "", #""\u0068ostNetwork":true,"#,
      #""hostNetwor\u006b":true,"#, #""hostNetwork": true ,"#, #""HostNetwork":true,"#, #""hostNetwork":"true","#,
    ])
    let annotation = pick([
      "", #"{\"spec\":{\"hostNetwork\":true}}\n"#, #"{\"spec\":{\"hostNetwork\": true}}"#, #"\"HOSTNETWORK\":TRUE"#,
      #"{\"a\":\"\\\"hostNetwork\\\":true\"}"#, #"\u0022hostNetwork\u0022:true"#,
    ])
    let spec = #"{\#(hostNetwork)"containers":[{"name":"c","image":"busybox"}]}"#
    let metadata =
      #"{"name":"web","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"\#(annotation)"}}"#
    return pick([
      #"{"kind":"Pod","apiVersion":"v1","metadata":\#(metadata),"spec":\#(spec)}"#,
      #"{"kind":"Deployment","apiVersion":"apps/v1","metadata":\#(metadata),"spec":{"template":{"spec":\#(spec)}}}"#,
      #"{"spec":\#(spec)}"#,
      #"[{"op":"add","path":"/spec/template/spec/hostNetwork","value":true}]"#,
      #"{"data":{"text":"\"hostNetwork\":true"}}"#,
    ])
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: values.indices, using: &generator)]
  }
}

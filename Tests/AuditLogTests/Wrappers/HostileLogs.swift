// Records that are made to hurt whoever takes them apart.

import TestSupport

enum HostileLogs {
  /// A small event.
  static let event = #"""
    {"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"ResponseComplete","verb":"create","n":[0]}
    """#

  /// Names and texts that wrappers look for.
  static let names = [
    "items", "auditID", "logtag", "log", "stream", "partial_message", "_source", "hits", "kubernetes", "audit", "event",
    "time", "logEvents", "message", "events", "results", "field", "value", "awslogs", "Records", "kinesis", "recordId",
    "data", "protoPayload", "jsonPayload", "serviceName", "methodName", "resourceName", "request", "response", "status",
    "labels", "resource", "messageId", "receivedMessages", "records", "properties", "log_s", "AuditId", "Verb", "Stage",
    "RequestObject", "Annotations", "tables", "columns", "rows", "name", "streams", "values", "result", "resourceLogs",
    "scopeLogs", "logRecords", "body", "stringValue", "kvlistValue", "arrayValue", "key", "intValue", "_raw",
    "objectRef.resource", "verb", "stage", "kind", "apiVersion", "message.verb", "message.a.b",
    "message.a", "message.a[0]", "message.a[1].b", "kubernetes.audit.verb", "kubernetes.audit.annotations.a.b/c",
    "attributes", "http", "method",
    "short_message", "metadata", "annotations", "requestObject", "a_b/c", "@type", "log_processed", "{}", "message.[0]",
  ]
  static let texts = [
    "Event", "EventList", "audit.k8s.io/v1", "k8s.io", "a.b.c", "core/v1/namespaces/n/pods/p/x/y/z", "@message", "{",
    "[", "\"", "{}", "[]", "H4sI", "H4sIAAAA", "e30=", "P", "true", "{\"a\":1}", "x [Truncated...]", "audit.k8s.io/",
    "CONTROL_MESSAGE", "skipped-too-big-size-object", "", " ", "\n", "é\u{1F600}", event, "[\(event)]",
  ]

  /// A value of random shape, made of what wrappers look for.
  static func random(depth: Int, using generator: inout SeededGenerator) -> TestJSON {
    switch Int.random(in: 0..<(depth > 0 ? 10 : 4), using: &generator) {
    case 0: return [.null, .boolean(true), .integer(7), .integer(-1)].randomElement(using: &generator) ?? .null
    case 1, 2: return .string(texts.randomElement(using: &generator) ?? "")
    case 3: return .string(random(depth: max(0, depth - 2), using: &generator).text)
    case 4, 5: return .array(list(depth, &generator))
    default:
      return .object(list(depth, &generator).map { (names.randomElement(using: &generator) ?? "", $0) })
    }
  }

  private static func list(_ depth: Int, _ generator: inout SeededGenerator) -> [TestJSON] {
    var values: [TestJSON] = []
    for _ in 0..<Int.random(in: 0...5, using: &generator) { values.append(random(depth: depth - 1, using: &generator)) }
    return values
  }
}

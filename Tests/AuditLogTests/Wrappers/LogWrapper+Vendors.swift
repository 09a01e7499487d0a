// Audit events as GKE, AKS, Elastic, OpenTelemetry and Datadog write them.

import Foundation

extension LogWrapper {
  // MARK: - Google Kubernetes Engine

  /// The LogEntry that GKE makes of an event.
  static func googleLogEntry(_ text: String) throws -> [String: Any] {
    let event = try LogJSON.object(text)
    let target = event["objectRef"] as? [String: Any] ?? [:]
    let resource = target["resource"] as? String ?? ""
    let group = target["apiGroup"] as? String ?? "core"
    let verb = event["verb"] as? String ?? ""
    var path = [group, target["apiVersion"] as? String ?? "v1"]
    if resource != "namespaces", let namespace = target["namespace"] as? String { path += ["namespaces", namespace] }
    path.append(resource)
    if let name = target["name"] as? String { path.append(name) }
    if let subresource = target["subresource"] as? String { path.append(subresource) }
    var payload: [String: Any] = [
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
      "serviceName": "k8s.io",
      "methodName": "io.k8s.\(group).v1.\(resource).\(verb)",
      "resourceName": path.joined(separator: "/"),
      "authenticationInfo": ["principalEmail": (event["user"] as? [String: Any])?["username"] as? String ?? ""],
      "requestMetadata": [
        "callerIp": (event["sourceIPs"] as? [String])?.first ?? "",
        "callerSuppliedUserAgent": event["userAgent"] as? String ?? "",
      ],
    ]
    for (body, field) in [("requestObject", "request"), ("responseObject", "response")] {
      guard var object = event[body] as? [String: Any] else { continue }
      object["@type"] = (object["kind"] as? String).map { "core.k8s.io/v1.\($0)" } ?? "k8s.io/Patch"
      // For most objects GKE says the kind in the type alone.
      object["kind"] = nil
      payload[field] = object
    }
    if let patch = event["requestObject"] as? [Any] { payload["request"] = ["@type": "k8s.io/Patch", "value": patch] }
    let status = event["responseStatus"] as? [String: Any] ?? [:]
    if let code = grpcCode(of: status["code"] as? Int ?? 0) {
      payload["status"] = ["code": code, "message": status["message"] as? String ?? ""] as [String: Any]
    }
    return [
      "insertId": event["auditID"] ?? "",
      "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
      "timestamp": event["requestReceivedTimestamp"] ?? "",
      "receiveTimestamp": event["stageTimestamp"] ?? "",
      "resource": ["type": "k8s_cluster", "labels": ["cluster_name": "c"]] as [String: Any],
      "labels": event["annotations"] ?? [String: Any](),
      "protoPayload": payload,
    ]
  }

  static func grpcCode(of code: Int) -> Int? {
    switch code {
    case ..<400: nil
    case 401: 16
    case 403: 7
    case 404: 5
    case 409: 6
    case 400, 422: 3
    default: 13
    }
  }

  // MARK: - Azure Kubernetes Service

  static func azureRecord(_ event: String) throws -> [String: Any] {
    let properties = ["log": event + "\n", "pod": "kube-apiserver-1", "stream": "stdout", "containerID": "c"]
    return [
      "time": "2026-11-23T16:37:13.0000000Z", "category": "kube-audit", "resourceId": "/SUBSCRIPTIONS/S",
      "operationName": "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read", "properties": properties,
    ]
  }

  static let azureTexts = [
    ("Level", "level"), ("AuditId", "auditID"), ("Stage", "stage"), ("RequestUri", "requestURI"), ("Verb", "verb"),
    ("UserAgent", "userAgent"), ("RequestReceivedTime", "requestReceivedTimestamp"),
    ("StageReceivedTime", "stageTimestamp"),
  ]
  static let azureObjects = [
    ("User", "user"), ("SourceIps", "sourceIPs"), ("ObjectRef", "objectRef"), ("ResponseStatus", "responseStatus"),
    ("RequestObject", "requestObject"), ("ResponseObject", "responseObject"), ("Annotations", "annotations"),
  ]

  static func azureColumns(_ text: String, asText: Bool) throws -> [String: Any] {
    let event = try LogJSON.object(text)
    var row: [String: Any] = ["TimeGenerated": "2026-11-23T16:37:13Z", "PodName": "kube-apiserver-1"]
    for (column, field) in azureTexts { row[column] = event[field] }
    for (column, field) in azureObjects {
      guard let value = event[field] else { continue }
      row[column] = asText ? try LogJSON.text(value) : value
    }
    return row
  }

  static func logAnalyticsTable(_ events: [String]) throws -> [String: Any] {
    let columns = azureTexts.map(\.0) + azureObjects.map(\.0)
    let rows = try events.map { event in
      let row = try azureColumns(event, asText: true)
      return columns.map { row[$0] ?? NSNull() }
    }
    let table: [String: Any] = ["name": "PrimaryResult", "columns": columns.map { ["name": $0] }, "rows": rows]
    return ["tables": [table]]
  }

  // MARK: - Others

  /// The document of Elastic's Kubernetes integration, whose annotations have no dots.
  static func elasticDocument(_ text: String) throws -> [String: Any] {
    var event = try LogJSON.object(text)
    event["annotations"] = (event["annotations"] as? [String: Any]).map(withoutDots)
    for body in ["requestObject", "responseObject"] {
      guard var object = event[body] as? [String: Any], var metadata = object["metadata"] as? [String: Any] else {
        continue
      }
      metadata["annotations"] = (metadata["annotations"] as? [String: Any]).map(withoutDots)
      object["metadata"] = metadata
      event[body] = object
    }
    return ["_index": "logs", "_source": ["@timestamp": "2026-11-23T16:37:13Z", "kubernetes": ["audit": event]]]
  }

  private static func withoutDots(_ map: [String: Any]) -> [String: Any] {
    Dictionary(uniqueKeysWithValues: map.map { ($0.key.replacing(".", with: "_"), $0.value) })
  }

  static func datadogAttributes(_ text: String) throws -> [String: Any] {
    var event = try LogJSON.object(text)
    event["http"] = ["method": event.removeValue(forKey: "verb") ?? ""]
    return event
  }

  /// An event as OpenTelemetry's AnyValue.
  static func openTelemetryValue(_ value: Any) -> [String: Any] {
    switch value {
    case let object as [String: Any]:
      let values = object.map { ["key": $0.key, "value": openTelemetryValue($0.value)] as [String: Any] }
      return ["kvlistValue": ["values": values]]
    case let array as [Any]: return ["arrayValue": ["values": array.map(openTelemetryValue)]]
    case let text as String: return ["stringValue": text]
    case let number as NSNumber where LogJSON.isBoolean(number): return ["boolValue": number.boolValue]
    case let number as NSNumber: return ["intValue": number.stringValue]
    default: return [:]
    }
  }
}

/// Flattens events, as products do that keep each field in a column.
struct Flattening {
  enum Lists { case kept, ordinals, braces }
  var lists: Lists
  var isTextual: Bool

  static let elastic = Flattening(lists: .kept, isTextual: false)
  static let sumo = Flattening(lists: .ordinals, isTextual: true)
  static let splunk = Flattening(lists: .braces, isTextual: true)

  func flat(_ value: Any, prefix: String) -> [String: Any] {
    var out: [String: Any] = [:]
    add(value, String(prefix.dropLast(prefix.hasSuffix(".") ? 1 : 0)), to: &out)
    return out
  }

  private func add(_ value: Any, _ name: String, to out: inout [String: Any]) {
    switch value {
    case let object as [String: Any]:
      for (key, child) in object { add(child, name.isEmpty ? key : "\(name).\(key)", to: &out) }
    case let array as [Any]:
      switch lists {
      case .kept: out[name] = array
      case .ordinals: for (place, child) in array.enumerated() { add(child, "\(name)[\(place)]", to: &out) }
      case .braces:
        if array.allSatisfy({ $0 is String }) { out[name + "{}"] = array.count == 1 ? array[0] : array }
      }
    case let number as NSNumber where isTextual: out[name] = try? LogJSON.text(number)
    default: out[name] = value
    }
  }
}

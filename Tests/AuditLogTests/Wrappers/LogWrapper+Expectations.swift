// What is left of an event after its way through a product.

import Foundation

extension LogWrapper {
  /// Whether the product logs such an event at all.
  func carries(_ event: [String: Any]) -> Bool {
    switch self {
    case .googleLogEntry, .googleArray, .pubSub:
      event["objectRef"] != nil && event["stage"] as? String == "ResponseComplete"
    // A column that is in no event says nothing of its kind.
    case .splunkColumns: event["objectRef"] != nil
    default: true
    }
  }

  /// What of an original event has to come out.
  func expected(_ event: [String: Any]) -> [String: Any] {
    switch self {
    case .googleLogEntry, .googleArray, .pubSub: return comparable(Self.afterGoogle(event))
    case .azureAuditText, .azureAuditObjects, .logAnalytics:
      return comparable(event.filter { $0.key != "impersonatedUser" })
    case .elastic, .elasticSearchAnswer: return comparable(Self.afterElasticsearch(event))
    case .fluentBitMerged: return comparable(event.merging(["date": 1_795_452_183.5]) { old, _ in old })
    case .openShift: return comparable(event.merging(Self.openShiftFields) { old, _ in old })
    case .datadog: return comparable(event.merging(["http": ["method": event["verb"] ?? ""]]) { old, _ in old })
    default: return comparable(event)
    }
  }

  /// What is compared of an event that came out.
  func comparable(_ event: [String: Any]) -> [String: Any] {
    var event = event
    if (event["annotations"] as? [String: Any])?.isEmpty ?? false { event["annotations"] = nil }
    switch self {
    case .splunkColumns, .sumo, .elasticDotted: return Self.columns(event)
    default: return event
    }
  }

  private static func columns(_ event: [String: Any]) -> [String: Any] {
    var kept = event.filter { !["requestObject", "responseObject", "responseStatus"].contains($0.key) }
    // Extra information about users is a map of lists whose names have dots.
    for user in ["user", "impersonatedUser"] {
      kept[user] = (event[user] as? [String: Any])?.filter { $0.key != "extra" }
    }
    kept["code"] = (event["responseStatus"] as? [String: Any])?["code"]
    let object = event["requestObject"] as? [String: Any]
    kept["hostNetwork"] = (object?["spec"] as? [String: Any])?["hostNetwork"]
    let annotations = (object?["metadata"] as? [String: Any])?["annotations"] as? [String: Any]
    kept["bodyAnnotations"] = annotations?.isEmpty ?? true ? nil : annotations
    return kept
  }

  /// A name without a slash keeps its underscores: nothing says which of them were dots.
  private static func afterElasticsearch(_ event: [String: Any]) -> [String: Any] {
    var event = event
    for body in ["requestObject", "responseObject"] {
      guard var object = event[body] as? [String: Any], var metadata = object["metadata"] as? [String: Any],
        let annotations = metadata["annotations"] as? [String: Any]
      else { continue }
      metadata["annotations"] = Dictionary(
        uniqueKeysWithValues: annotations.map { name, value in
          (name.contains("/") ? name : name.replacing(".", with: "_"), value)
        }
      )
      object["metadata"] = metadata
      event[body] = object
    }
    return event
  }

  private static func afterGoogle(_ event: [String: Any]) -> [String: Any] {
    var event = event
    let verb = event["verb"] as? String ?? ""
    event["level"] = "RequestResponse"
    event["impersonatedUser"] = nil
    event["user"] = ["username": (event["user"] as? [String: Any])?["username"] ?? ""]
    event["sourceIPs"] = (event["sourceIPs"] as? [String])?.prefix(1).map { $0 }
    var target = (event["objectRef"] as? [String: Any] ?? [:]).filter { !["uid", "resourceVersion"].contains($0.key) }
    if target["resource"] as? String == "namespaces" { target["namespace"] = target["name"] }
    event["objectRef"] = target
    let status = event["responseStatus"] as? [String: Any] ?? [:]
    let code = status["code"] as? Int ?? 0
    var stated: [String: Any] = ["metadata": [String: Any](), "code": verb == "create" ? 201 : 200]
    if code >= 400 {
      stated["code"] = [400, 401, 403, 404, 409].contains(code) ? code : code == 422 ? 400 : 500
      stated["message"] = status["message"] as? String ?? ""
    }
    event["responseStatus"] = stated
    var annotations = event["annotations"] as? [String: Any] ?? [:]
    annotations["cluster_name"] = "c"
    event["annotations"] = annotations
    var path = [target["apiGroup"] as? String ?? "core", target["apiVersion"] as? String ?? "v1"]
    if target["resource"] as? String != "namespaces", let namespace = target["namespace"] as? String {
      path += ["namespaces", namespace]
    }
    path += ["resource", "name", "subresource"].compactMap { target[$0] as? String }
    event["requestURI"] = "/" + path.joined(separator: "/")
    return event
  }
}

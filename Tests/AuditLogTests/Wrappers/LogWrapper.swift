// Turns bare audit events into the logs in which products keep them.

import Foundation

/// Every way in which a log may hold audit events, and some of them inside one another.
enum LogWrapper: String, CaseIterable, Sendable {
  case bare, array, eventList, withoutKind
  case docker, cri, criInsideFilebeat, fluentBit, fluentBitMerged, fluentBitProcessed, logstash, syslog, journald
  case loki, lokiAnswer, graylog, ovh
  case hecObject, hecText, splunkRaw, splunkResults, splunkColumns
  case openTelemetryText, openTelemetryKeyValues
  case cloudWatchSubscription, lambda, kinesis, filterLogEvents, insights
  case googleLogEntry, googleArray, pubSub
  case azureRecords, azureRecord, azureDiagnostics, azureAuditText, azureAuditObjects, logAnalytics
  case openShift, elastic, elasticSearchAnswer, elasticDotted, sumo, datadog, datadogArchive
  case syslogOfDocker, hecOfEventList, lokiOfDocker, doubleEncoded

  /// Events that batching wrappers put into one record.
  private static let batch = 40

  /// The log that holds the events, each of which is one line of JSON; those that the product does not log are left out.
  func wrap(_ events: [String]) throws -> [UInt8] {
    let events = try events.filter { carries(try LogJSON.object($0)) }
    var lines: [String] = []
    if let encode = try batchEncoder {
      var rest = events[...]
      while !rest.isEmpty {
        lines.append(try encode(Array(rest.prefix(Self.batch))))
        rest = rest.dropFirst(Self.batch)
      }
    } else {
      for event in events { lines.append(try wrap(event: event)) }
    }
    return Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  // MARK: - One event in a line

  private func wrap(event: String) throws -> String {
    let time = "2026-11-23T16:37:13.828318Z"
    switch self {
    case .bare: return event
    case .withoutKind:
      return try LogJSON.text(LogJSON.object(event).filter { $0.key != "kind" && $0.key != "apiVersion" })
    case .docker: return try LogJSON.text(["log": event + "\n", "stream": "stdout", "time": time])
    case .cri: return "\(time) stdout F \(event)"
    case .criInsideFilebeat:
      let log: [String: Any] = ["offset": 1, "file": ["path": "/var/log/containers/a.log"]]
      return try LogJSON.text(["@timestamp": time, "log": log, "message": "\(time) stdout F \(event)"])
    case .fluentBit: return try LogJSON.text(["date": 1_795_452_183.5, "log": event, "kubernetes": ["pod_name": "a"]])
    case .fluentBitMerged:
      return try LogJSON.text(LogJSON.object(event).merging(["date": 1_795_452_183.5]) { old, _ in old })
    case .fluentBitProcessed:
      let record: [String: Any] = ["log": "cut by a filter", "stream": "stdout", "logtag": "F"]
      return try LogJSON.text(record.merging(["log_processed": LogJSON.object(event)]) { old, _ in old })
    case .logstash: return try LogJSON.text(["@version": "1", "host": ["name": "n"], "message": event])
    case .syslog: return "<134>Nov 23 16:37:13 node-1 kube-apiserver[1]: \(event)"
    case .journald: return try LogJSON.text(["MESSAGE": event, "_PID": "1", "__CURSOR": "s=1"])
    case .graylog: return try LogJSON.text(Self.graylog(event))
    case .ovh: return try LogJSON.text(["message": LogJSON.text(Self.graylog(event))])
    case .hecObject:
      return try LogJSON.text(["time": 1_795_452_183.042, "sourcetype": "_json", "event": LogJSON.object(event)])
    case .hecText: return try LogJSON.text(["time": "1795452183.042", "host": "n", "event": event])
    case .splunkRaw:
      let row = ["_raw": event, "_time": time, "source": "kubernetes", "sourcetype": "_json"]
      return try LogJSON.text(["preview": false, "offset": 0, "result": row])
    case .splunkColumns:
      return try LogJSON.text(["preview": false, "result": Flattening.splunk.flat(LogJSON.object(event), prefix: "")])
    case .azureRecord: return try LogJSON.text(Self.azureRecord(event))
    case .azureDiagnostics:
      return try LogJSON.text(["Category": "kube-audit", "log_s": event, "pod_s": "kube-apiserver-1"])
    case .azureAuditText: return try LogJSON.text(Self.azureColumns(event, asText: true))
    case .azureAuditObjects: return try LogJSON.text(Self.azureColumns(event, asText: false))
    case .googleLogEntry: return try LogJSON.text(Self.googleLogEntry(event))
    case .pubSub:
      let entry = try LogJSON.text(Self.googleLogEntry(event))
      let message = ["data": Data(entry.utf8).base64EncodedString(), "messageId": "1"]
      return try LogJSON.text(["message": message, "subscription": "projects/p/subscriptions/s"])
    case .openShift: return try LogJSON.text(LogJSON.object(event).merging(Self.openShiftFields) { old, _ in old })
    case .elastic: return try LogJSON.text(Self.elasticDocument(event))
    case .elasticDotted:
      return try LogJSON.text(["_source": Flattening.elastic.flat(LogJSON.object(event), prefix: "kubernetes.audit.")])
    case .sumo: return try LogJSON.text(Flattening.sumo.flat(LogJSON.object(event), prefix: "message."))
    case .datadog: return try LogJSON.text(["id": "1", "attributes": ["attributes": Self.datadogAttributes(event)]])
    case .datadogArchive: return try LogJSON.text(["_id": "1", "message": "", "attributes": LogJSON.object(event)])
    case .syslogOfDocker: return try LogWrapper.syslog.wrap(event: LogWrapper.docker.wrap(event: event))
    case .doubleEncoded: return try LogJSON.text(LogJSON.text(event))
    default: throw NotOneEventPerLine()
    }
  }

  struct NotOneEventPerLine: Error {}

  // MARK: - Many events in a line

  private var batchEncoder: (([String]) throws -> String)? {
    get throws {
      switch self {
      case .array: { "[" + $0.joined(separator: ", ") + "]" }
      case .eventList: { try LogJSON.text(Self.eventList($0)) }
      case .hecOfEventList: { try LogJSON.text(["index": "k8s", "event": LogJSON.text(Self.eventList($0))]) }
      case .loki: { try LogJSON.text(["streams": [Self.lokiStream($0)]]) }
      case .lokiOfDocker:
        { events in
          let lines = try events.map { try LogWrapper.docker.wrap(event: $0) }
          return try LogJSON.text(["streams": [Self.lokiStream(lines)]])
        }
      case .lokiAnswer:
        { events in
          let data: [String: Any] = ["resultType": "streams", "result": [Self.lokiStream(events)]]
          return try LogJSON.text(["status": "success", "data": data])
        }
      case .splunkResults:
        { events in
          try LogJSON.text(["results": events.map { ["_raw": $0, "_serial": "0"] }, "fields": [["name": "_raw"]]])
        }
      case .openTelemetryText: { try LogJSON.text(Self.openTelemetry($0.map { ["stringValue": $0] })) }
      case .openTelemetryKeyValues:
        { events in
          try LogJSON.text(Self.openTelemetry(events.map { Self.openTelemetryValue(try LogJSON.object($0)) }))
        }
      case .cloudWatchSubscription: { try LogJSON.text(Self.subscription($0)) }
      case .lambda:
        { events in
          let data = StoredGzip.wrap(Array(try LogJSON.text(Self.subscription(events)).utf8))
          return try LogJSON.text(["awslogs": ["data": Data(data).base64EncodedString()]])
        }
      case .kinesis:
        { events in
          let data = StoredGzip.wrap(Array(try LogJSON.text(Self.subscription(events)).utf8))
          let kinesis = ["data": Data(data).base64EncodedString(), "partitionKey": "1"]
          return try LogJSON.text(["Records": [["eventSource": "aws:kinesis", "kinesis": kinesis]]])
        }
      case .filterLogEvents:
        { events in
          let messages = events.map { ["logStreamName": "s", "message": $0, "timestamp": 1] as [String: Any] }
          return try LogJSON.text(["events": messages, "searchedLogStreams": []])
        }
      case .insights:
        { events in
          let rows = events.map { [["field": "@timestamp", "value": "1"], ["field": "@message", "value": $0]] }
          return try LogJSON.text(["results": rows, "status": "Complete"])
        }
      case .googleArray: { try LogJSON.text($0.map(Self.googleLogEntry)) }
      case .azureRecords: { try LogJSON.text(["records": $0.map(Self.azureRecord)]) }
      case .logAnalytics: { try LogJSON.text(Self.logAnalyticsTable($0)) }
      case .elasticSearchAnswer:
        { events in
          let hits = try events.map { try Self.elasticDocument($0) }
          return try LogJSON.text(["took": 1, "hits": ["total": ["value": hits.count], "hits": hits]])
        }
      default: nil
      }
    }
  }

  private static func eventList(_ events: [String]) throws -> [String: Any] {
    let items = try events.map { try LogJSON.object($0).filter { $0.key != "kind" && $0.key != "apiVersion" } }
    return ["kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": [String: Any](), "items": items]
  }

  private static func lokiStream(_ lines: [String]) -> [String: Any] {
    ["stream": ["job": "audit"], "values": lines.map { ["1795452183000000000", $0] }]
  }

  private static func graylog(_ event: String) -> [String: Any] {
    ["version": "1.1", "host": "n", "timestamp": 1_795_452_183.5, "short_message": event, "_cluster": "c"]
  }

  private static func subscription(_ events: [String]) -> [String: Any] {
    [
      "messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/aws/eks/prod/cluster",
      "logStream": "kube-apiserver-audit-0123", "subscriptionFilters": ["f"],
      "logEvents": events.map { ["id": "1", "timestamp": 1_795_452_183_000, "message": $0] as [String: Any] },
    ]
  }

  private static func openTelemetry(_ bodies: [[String: Any]]) -> [String: Any] {
    let records = bodies.map { ["timeUnixNano": "1", "body": $0] as [String: Any] }
    return ["resourceLogs": [["scopeLogs": [["scope": [String: Any](), "logRecords": records] as [String: Any]]]]]
  }

  static var openShiftFields: [String: Any] {
    [
      "@timestamp": "2026-11-23T16:37:13Z", "hostname": "n", "log_type": "audit", "k8s_audit_level": "Metadata",
      "openshift": ["cluster_id": "c", "sequence": 1] as [String: Any],
    ]
  }
}

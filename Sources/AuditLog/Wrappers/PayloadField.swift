// Agents and log stores that put a line into one field of their record.

internal import JSONDocument

/// A record with the event in a field of its own, as text or as an object.
///
/// `log` of Fluentd and Fluent Bit (with `date` or `@timestamp`), `log_processed` where Fluent Bit merges parsed logs
/// under a key, `message` of Vector, Filebeat, Logstash and OVH, `line` of Grafana's export, `body` of OpenTelemetry,
/// `_raw` of Cribl, `MESSAGE` of journald, `@message` of CloudWatch.
enum PayloadField: LogWrapper {
  static let signs: [StaticString] = [
    "log", "log_processed", "message", "msg", "body", "line", "_raw", "event", "MESSAGE", "short_message", "@message",
    "original",
  ]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    var fragment: Unwrapper.Outcome?
    for name in signs {
      guard let value = object.member(name), value.isString || value.isObject || value.isArray else { continue }
      switch unwrapper.unwrap(inner: value, into: &sink) {
      case .events: return .events
      case .fragment(let text, let isLast): fragment = fragment ?? .fragment(text: text, isLast: isLast)
      case .other, .notJSON: continue
      }
    }
    return fragment ?? .other
  }
}

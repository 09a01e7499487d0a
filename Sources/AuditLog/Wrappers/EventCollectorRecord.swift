// Splunk's HTTP Event Collector.

internal import JSONDocument

/// What is sent to the event endpoint: `{"time":…,"host":"…","sourcetype":"…","index":"…","event":<event>}`.
///
/// The event is an object, or text. Elsewhere (Elastic's common schema, say) a field `event` describes the record, whose
/// text is in another field.
enum EventCollectorRecord: LogWrapper {
  static let signs: [StaticString] = ["event"]
  private static let payloads: [StaticString] = ["@timestamp", "log", "message"]
  private static let metadata: [StaticString] = ["sourcetype", "index", "source", "host", "time", "fields"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let event = object.member("event") else { return nil }
    for name in payloads where object.member(name) != nil { return nil }
    for name in metadata where object.member(name) != nil { return unwrapper.unwrap(inner: event, into: &sink) }
    return nil
  }
}

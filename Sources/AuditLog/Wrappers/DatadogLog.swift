// Datadog's log export and archives.

internal import JSONDocument

/// `{"attributes":{"attributes":<event>}}`, or the event right in `attributes`; a search response has them in `data`.
///
/// Datadog's pipeline may have moved the verb to `http.method`.
enum DatadogLog: LogWrapper {
  static let signs: [StaticString] = ["attributes", "data"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let outer = object.object("attributes") else {
      guard let logs = object.member("data"), logs.isArray else { return nil }
      var pieces = PieceTally()
      pieces.add(elementsOf: logs, with: unwrapper, into: &sink)
      return pieces.outcome(into: &sink)
    }
    let event = outer.value(at: outer.object("attributes")?.index ?? outer.index)
    guard BareEvent.isEvent(event) else {
      guard let message = outer.member("message"), message.isString else { return nil }
      return unwrapper.unwrap(inner: message, into: &sink)
    }
    guard event.member("verb") == nil, let verb = event.object("http")?.string("method") else {
      return unwrapper.unwrap(inner: event, into: &sink)
    }
    return unwrapper.deliver(event: withVerb(event, verb), into: &sink)
  }

  private static func withVerb(_ event: borrowing JSONValue, _ verb: String) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 4 << 10)
    writer.beginObject()
    StandardEvent.begin(&writer, apiVersion: event.string("apiVersion") ?? StandardEvent.apiVersion)
    writer.field("verb", verb)
    var members = event.members
    while let member = members.next() {
      if member.key.equals("kind") || member.key.equals("apiVersion") { continue }
      writer.copy(member)
    }
    writer.endObject()
    return writer.bytes
  }
}

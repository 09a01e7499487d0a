// OpenTelemetry's log records as JSON (OTLP/JSON), as collectors write them to files and queues.

internal import JSONDocument

/// `resourceLogs[].scopeLogs[].logRecords[].body`, whose value is text, or a list of keys and values.
///
/// Source: opentelemetry-proto, common/v1/common.proto (AnyValue) and logs/v1/logs.proto.
enum OpenTelemetryLogs: LogWrapper {
  static let signs: [StaticString] = ["resourceLogs"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let resourceLogs = object.member("resourceLogs"), resourceLogs.isArray else { return nil }
    var pieces = PieceTally()
    var resources = resourceLogs.elements
    while let resource = resources.next() {
      // Before version 0.15 of the protocol scopes had another name.
      guard let scopeLogs = resource.member("scopeLogs", or: "instrumentationLibraryLogs") else {
        continue
      }
      var scopes = scopeLogs.elements
      while let scope = scopes.next() {
        guard let logRecords = scope.member("logRecords") else { continue }
        var records = logRecords.elements
        while let record = records.next() {
          guard let body = record.object("body") else { continue }
          pieces.add(unwrap(body: body, with: unwrapper, into: &sink), into: &sink)
        }
      }
    }
    return pieces.outcome(into: &sink)
  }

  private static func unwrap(
    body: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome {
    if let text = body.member("stringValue") { return unwrapper.unwrap(inner: text, into: &sink) }
    guard body.object("kvlistValue") != nil else { return .other }
    return unwrapper.unwrap(document: OpenTelemetryValue.plain(body), into: &sink)
  }
}

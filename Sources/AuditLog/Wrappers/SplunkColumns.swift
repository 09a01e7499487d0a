// Splunk's search results where the raw event was left out.

internal import JSONDocument

/// A row whose columns are the flattened fields of an event: `objectRef.resource`, `user.groups{}`, all as text.
enum SplunkColumns: LogWrapper {
  static let signs: [StaticString] = ["objectRef.resource"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard object.member("auditID") != nil, object.member("verb") != nil else { return nil }
    return unwrapper.unwrap(document: DottedEvent.nested(object, prefix: "", isTextual: true), into: &sink)
  }
}

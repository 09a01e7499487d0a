// Sumo Logic's export of parsed messages.

internal import JSONDocument

/// A record with the fields of the event flattened under the prefix `message.`, their values as text.
enum SumoRecord: LogWrapper {
  static let signs: [StaticString] = ["message.auditID", "message.verb"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    unwrapper.unwrap(document: DottedEvent.nested(object, prefix: "message.", isTextual: true), into: &sink)
  }
}

// Amazon EKS: what `aws logs filter-log-events` and `get-log-events` print.

internal import JSONDocument

/// `{"events":[{"timestamp":…,"message":"<event>","ingestionTime":…},…]}`.
enum CloudWatchQuery: LogWrapper {
  static let signs: [StaticString] = ["events"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let events = object.member("events"), events.isArray else { return nil }
    return unwrap(messagesOf: events, with: unwrapper, into: &sink)
  }

  /// Takes the message of each element of an array; an element without one is looked at as it is.
  static func unwrap(
    messagesOf events: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome {
    var pieces = PieceTally()
    var elements = events.elements
    while let event = elements.next() {
      if let message = event.member("message"), message.isString {
        pieces.add(unwrapper.unwrap(inner: message, into: &sink), into: &sink)
      } else {
        pieces.add(unwrapper.unwrap(inner: event, into: &sink), into: &sink)
      }
    }
    return pieces.outcome(into: &sink)
  }
}

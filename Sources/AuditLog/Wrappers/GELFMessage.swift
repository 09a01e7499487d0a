// Graylog's extended log format, which OVH's managed Kubernetes uses too.

internal import JSONDocument

/// `{"version":"1.1","host":"…","short_message":"<event>"}`; a forwarder may shorten that and put all in `full_message`.
///
/// OVH's websocket wraps each as text into `{"message":"{…}"}`, see `PayloadField`.
enum GELFMessage: LogWrapper {
  static let signs: [StaticString] = ["full_message", "short_message"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let message = object.member("full_message", or: "short_message"), message.isString else {
      return nil
    }
    return unwrapper.unwrap(inner: message, into: &sink)
  }
}

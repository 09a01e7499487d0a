// Docker's json-file log driver, and the agents that read container logs.

internal import JSONDocument

/// A line of a container's output: `{"log":"<event>\n","stream":"stdout","time":"…"}`.
///
/// Docker writes it; Fluentd and Fluent Bit hand it on, with `logtag` (P or F) where a CRI runtime wrote the line, or
/// with `partial_message` where Docker's fluentd driver did. Docker splits lines of more than 16 KiB; all pieces but the
/// last lack a line feed.
enum ContainerLogRecord: LogWrapper {
  static let signs: [StaticString] = ["logtag", "partial_message", "stream"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let text = object.member("log", or: "message"), text.isString,
      let isLast = isLast(object, text)
    else { return nil }
    // Fluent Bit has parsed it already: a text that is whole.
    if let parsed = object.object("log_processed") { return unwrapper.unwrap(inner: parsed, into: &sink) }
    let outcome = unwrapper.unwrap(text: text, into: &sink)
    guard case .notJSON(let error) = outcome else { return outcome }
    let bytes = text.utf8
    return unsafe bytes.withUnsafeBytes { bytes in
      switch error {
      case .malformed, .empty: unsafe .fragment(text: Array(bytes), isLast: isLast)
      case .tooLarge, .tooDeep, .outOfMemory: unsafe unwrapper.settle(bytes, error, into: &sink)
      }
    }
  }

  /// Whether a record ends with this piece, or nil when nothing says that lines were split.
  private static func isLast(_ object: borrowing JSONValue, _ text: borrowing JSONValue) -> Bool? {
    if let tag = object.member("logtag"), tag.isString { return !tag.equals("P") }
    if let partial = object.member("partial_message"), partial.equals("true") {
      return object.member("partial_last")?.equals("true") ?? false
    }
    // Filebeat also says the stream, next to `message`, but puts lines together itself.
    guard object.member("log") != nil, let stream = object.member("stream"), stream.isString else { return nil }
    let bytes = text.utf8
    return bytes.isEmpty || bytes[bytes.count - 1] == UInt8(ascii: "\n")
  }
}

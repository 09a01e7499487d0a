// Google Cloud Pub/Sub, into which GKE's log sinks write.

internal import JSONDocument

/// A pushed message, `{"message":{"data":"<base64>","messageId":"…"},"subscription":"…"}`, or one that was pulled.
enum PubSubMessage: LogWrapper {
  static let signs: [StaticString] = ["message", "messageId", "message_id", "receivedMessages"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    if let messages = object.member("receivedMessages"), messages.isArray {
      var pieces = PieceTally()
      pieces.add(elementsOf: messages, with: unwrapper, into: &sink)
      return pieces.outcome(into: &sink)
    }
    let message = object.value(at: object.object("message")?.index ?? object.index)
    guard let data = message.member("data"), data.isString,
      message.member("messageId", or: "message_id") != nil
    else { return nil }
    return unwrapper.unwrap(encoded: data, into: &sink)
  }
}

// Keeps what an unwrapper hands on.

import AuditLog
import JSONDocument

/// Everything that was handed on, in order.
struct UnwrappedSink: EventSink {
  var line = 0
  var events: [[String: Any]] = []
  var cut: [String] = []
  var others = 0
  var unreadable: [UnreadableReason] = []

  mutating func receive(event: borrowing JSONValue) {
    events.append(LogJSON.value(event) as? [String: Any] ?? [:])
  }

  mutating func receive(cutEvent head: UnsafeRawBufferPointer) {
    cut.append(String(decoding: head, as: UTF8.self))
  }

  mutating func receiveOther() { others += 1 }

  mutating func receive(unreadable reason: UnreadableReason) { unreadable.append(reason) }
}

extension Unwrapper {
  /// Unwraps one text.
  func unwrap(_ text: String, into sink: inout UnwrappedSink) -> Outcome {
    var outcome = Outcome.other
    Array(text.utf8).withUnsafeBytes { outcome = unwrap($0, padded: false, into: &sink) }
    return outcome
  }
}

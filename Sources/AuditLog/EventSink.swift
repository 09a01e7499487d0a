// What reading a log hands on, whatever it was wrapped in.

package import JSONDocument

/// Receives what a log holds, in the order of the log.
package protocol EventSink {
  /// The line, from 1, on which the record now being read begins; set by the reader before each call below.
  var line: Int { get set }

  /// One audit.k8s.io Event in the shape in which the API server writes it.
  mutating func receive(event: borrowing JSONValue)

  /// The beginning of an event whose end somebody cut off before the log was written (CloudWatch: `[Truncated...]`).
  mutating func receive(cutEvent head: UnsafeRawBufferPointer)

  /// A whole record that is no audit event: another log's line, a control message.
  mutating func receiveOther()

  /// A record, or a piece of one, that could not be read.
  mutating func receive(unreadable reason: UnreadableReason)
}

/// Why a piece of a log could not be read.
package enum UnreadableReason: Sendable, Hashable {
  /// It is neither JSON nor a line of a known log format; the reason is the JSON parser's.
  case malformed(String)
  /// The record begins as one, and the log or the next record begins before it ends.
  case cutOff
  /// The record is longer than is read; the limit is in bytes.
  case tooLong(limitBytes: Int)
  /// More wrappers are inside one another than are taken off.
  case tooDeeplyWrapped(limit: Int)
  /// Compressed or base64 data inside a record is damaged.
  case damaged(String)
  /// The API server's `--audit-log-format=legacy`, which has no bodies.
  case legacyFormat
  /// UTF-16 text.
  case wrongEncoding
}

extension UnreadableReason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed(let reason): "not a record of a known log format: \(reason)"
    case .cutOff: "the record is cut off before its end"
    case .tooLong(let limit): "the record is longer than \(limit) bytes; raise --max-line-bytes"
    case .tooDeeplyWrapped(let limit): "the record has more than \(limit) wrappers around it"
    case .damaged(let reason): "the record holds damaged data: \(reason)"
    case .legacyFormat: "the API server's legacy audit format has no bodies; use --audit-log-format=json"
    case .wrongEncoding: "the text is UTF-16; convert it to UTF-8"
    }
  }
}

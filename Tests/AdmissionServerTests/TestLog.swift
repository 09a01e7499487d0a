// A log that a test reads.

import Logging

/// Hands every event to a function: its message and what was known about it.
struct TestLog: LogHandler {
  let receive: @Sendable (_ message: String, _ fields: [String: String]) -> Void
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  init(_ receive: @escaping @Sendable (_ message: String, _ fields: [String: String]) -> Void) {
    self.receive = receive
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { receive("\(event.message)", (event.metadata ?? [:]).mapValues { "\($0)" }) }
}

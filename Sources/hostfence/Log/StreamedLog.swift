// swift-log's events as lines of the server's log.

internal import Evaluation
internal import Logging

/// Hands lines to a `LogStream`.
struct StreamedLog: LogHandler {
  let label: String
  let format: LogFormat
  let stream: LogStream
  let now: @Sendable () -> Timestamp
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var values = event.metadata ?? [:]
    if !metadata.isEmpty { values = metadata.merging(values) { $1 } }
    let fields = values.map { LogFormat.Field(key: $0.key, value: Self.text($0.value)) }.sorted { $0.key < $1.key }
    let message = event.message.description
    stream.write(format.line(now(), level: event.level.rawValue, logger: label, message: message, fields))
  }

  private static func text(_ value: Logger.MetadataValue) -> String {
    // Nearly all are, and `description` asks at length what it has.
    if case .string(let text) = value { return text }
    return value.description
  }
}

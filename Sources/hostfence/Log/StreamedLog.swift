// The server's log: one line an event, for people or for programs.

internal import Evaluation
internal import JSONDocument
internal import Logging

/// How lines of the log are written.
enum LogFormat: String, CaseIterable, Sendable {
  /// `2026-11-23T16:43:03.042000Z notice hostfence: denied kind=Pod name=web`
  case text
  /// `{"time":"…","level":"notice","logger":"hostfence","message":"denied","kind":"Pod","name":"web"}`
  case json
}

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
    var fields = event.metadata ?? [:]
    if !metadata.isEmpty { fields = metadata.merging(fields) { $1 } }
    let sorted = fields.map { Field(key: $0.key, value: Self.text($0.value)) }.sorted { $0.key < $1.key }
    stream.write(line(level: event.level.rawValue, message: event.message.description, sorted))
  }

  /// Bytes of most lines.
  private static let usualLineBytes = 256

  private struct Field {
    let key: String
    let value: String
  }

  /// A line; whatever a value holds, it stays one line.
  private func line(level: String, message: String, _ fields: [Field]) -> [UInt8] {
    switch format {
    case .json:
      var writer = JSONWriter()
      writer.beginObject()
      writer.field("time", now().description)
      writer.field("level", level)
      writer.field("logger", label)
      writer.field("message", message)
      for field in fields { writer.field(field.key, field.value) }
      writer.endObject()
      writer.newline()
      return writer.bytes
    case .text:
      var line: [UInt8] = []
      line.reserveCapacity(Self.usualLineBytes)
      line += now().description.utf8
      line.append(UInt8(ascii: " "))
      line += level.utf8
      line.append(UInt8(ascii: " "))
      line += label.utf8
      line += ": ".utf8
      line += Wording.singleLine(message).utf8
      for field in fields {
        line.append(UInt8(ascii: " "))
        line += field.key.utf8
        line.append(UInt8(ascii: "="))
        line += Self.quoted(field.value).utf8
      }
      line.append(UInt8(ascii: "\n"))
      return line
    }
  }

  private static func text(_ value: Logger.MetadataValue) -> String {
    // Nearly all are, and `description` asks at length what it has.
    if case .string(let text) = value { return text }
    return value.description
  }

  /// A value as it is, or in quotes where a reader could not tell where it ends.
  private static func quoted(_ value: String) -> String {
    let line = Wording.singleLine(value)
    guard line.isEmpty || line.utf8.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") }) else {
      return line
    }
    return "\"\(line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }
}

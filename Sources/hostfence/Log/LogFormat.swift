// A line of the log, for people or for programs.

internal import Evaluation
internal import JSONDocument

/// How lines of the log are written.
enum LogFormat: String, CaseIterable, Sendable {
  /// `2026-11-23T16:43:03.042000Z notice hostfence: denied kind=Pod name=web`
  case text
  /// `{"time":"…","level":"notice","logger":"hostfence","message":"denied","kind":"Pod","name":"web"}`
  case json

  /// What was known about an event, by name.
  struct Field {
    let key: String
    let value: String
  }

  /// Bytes of most lines.
  private static let usualLineBytes = 256

  /// A line with its line feed; whatever a value holds, it stays one line.
  func line(_ time: Timestamp, level: String, logger: String, message: String, _ fields: [Field]) -> [UInt8] {
    switch self {
    case .json:
      var writer = JSONWriter(capacityBytes: Self.usualLineBytes)
      writer.beginObject()
      writer.field("time", time.description)
      writer.field("level", level)
      writer.field("logger", logger)
      writer.field("message", Wording.singleLine(message))
      for field in fields { writer.field(field.key, Wording.singleLine(field.value)) }
      writer.endObject()
      writer.newline()
      return writer.bytes
    case .text:
      var line: [UInt8] = []
      line.reserveCapacity(Self.usualLineBytes)
      line += time.description.utf8
      line.append(UInt8(ascii: " "))
      line += level.utf8
      line.append(UInt8(ascii: " "))
      line += logger.utf8
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

  /// A value as it is, or in quotes where a reader could not tell where it ends.
  private static func quoted(_ value: String) -> String {
    let line = Wording.singleLine(value)
    guard line.isEmpty || line.utf8.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") }) else {
      return line
    }
    return "\"\(line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }
}

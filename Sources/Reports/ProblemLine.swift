// A problem of an input as one line that editors understand.

internal import JSONDocument
internal import Manifests

/// Problems of manifests and policies in the form `file:line:column: label: message`.
enum ProblemLine {
  /// The line, ending in a line feed.
  static func text(_ problem: InputProblem, _ label: String, _ style: TextStyle) -> String {
    let place = problem.position.map { "\(problem.file):\($0.line):\($0.column)" } ?? problem.file
    return "\(style.place(place)): \(label): \(style.plain(problem.message))\n"
  }
}

extension JSONWriter {
  /// Writes problems as `file`, `line` and `column` (0 when the whole file is meant), `message`.
  mutating func problems(_ key: String, _ problems: [InputProblem]) {
    self.key(key)
    beginArray()
    for problem in problems {
      beginObject()
      field("file", problem.file)
      field("line", problem.position?.line ?? 0)
      field("column", problem.position?.column ?? 0)
      field("message", problem.message)
      endObject()
    }
    endArray()
  }
}

// Grafana Loki: what is pushed to it, and what it answers to a query.

internal import JSONDocument

/// `{"streams":[{"stream":{…},"values":[["<nanoseconds>","<event>"],…]}]}`; an answer has them in `data.result`.
enum LokiStreams: LogWrapper {
  static let signs: [StaticString] = ["data", "streams"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    let answer = object.value(at: object.object("data")?.index ?? object.index)
    guard let streams = answer.member("streams", or: "result"), streams.isArray else { return nil }
    var pieces = PieceTally()
    var elements = streams.elements
    while let stream = elements.next() {
      guard let values = stream.member("values") else { continue }
      var entries = values.elements
      while let entry = entries.next() {
        var columns = entry.elements
        guard columns.next() != nil, let line = columns.next() else { continue }
        pieces.add(unwrapper.unwrap(inner: line, into: &sink), into: &sink)
      }
    }
    return pieces.outcome(into: &sink)
  }
}

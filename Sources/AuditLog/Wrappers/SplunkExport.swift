// Splunk's search results as JSON, from the web interface or from REST.

internal import JSONDocument

/// `{"preview":false,"result":{"_raw":"<event>",…}}` per line, or `{"results":[{"_raw":"<event>"},…]}`.
///
/// A row without `_raw` holds the columns of a table, see `SplunkColumns`.
enum SplunkExport: LogWrapper {
  static let signs: [StaticString] = ["result", "results"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    if let row = object.object("result") { return unwrap(row: row, with: unwrapper, into: &sink) }
    guard let rows = object.member("results"), rows.isArray else { return nil }
    var pieces = PieceTally()
    var elements = rows.elements
    while let row = elements.next() { pieces.add(unwrap(row: row, with: unwrapper, into: &sink), into: &sink) }
    return pieces.outcome(into: &sink)
  }

  private static func unwrap(
    row: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome {
    guard let raw = row.member("_raw"), raw.isString else {
      // Columns called kind and apiVersion make the row look like an event as it is.
      return SplunkColumns.unwrap(row, with: unwrapper, into: &sink) ?? unwrapper.unwrap(inner: row, into: &sink)
    }
    return unwrapper.unwrap(inner: raw, into: &sink)
  }
}

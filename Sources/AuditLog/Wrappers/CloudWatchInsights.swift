// Amazon EKS: what `aws logs get-query-results` prints.

internal import JSONDocument

/// `{"results":[[{"field":"@message","value":"<event>"},…],…]}`, a list of fields for each row.
enum CloudWatchInsights: LogWrapper {
  static let signs: [StaticString] = ["results"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let results = object.member("results"), results.isArray else { return nil }
    var rows = results.elements
    guard let first = rows.next(), first.isArray else { return nil }
    var pieces = PieceTally()
    rows = results.elements
    while let row = rows.next() {
      var fields = row.elements
      while let field = fields.next() {
        guard let name = field.member("field"), name.equals("@message"), let value = field.member("value") else {
          continue
        }
        pieces.add(unwrapper.unwrap(inner: value, into: &sink), into: &sink)
      }
    }
    return pieces.outcome(into: &sink)
  }
}

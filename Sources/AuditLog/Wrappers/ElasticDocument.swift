// Elasticsearch documents of the Kubernetes integration, and search results.

internal import JSONDocument

/// `{"_source":{"kubernetes":{"audit":<event>}}}`, a search response with such hits, or the source alone.
///
/// The event is an object, or its fields are flattened: `"kubernetes.audit.verb":"create"`. Other documents (those of
/// Fluent Bit, say) are looked at as what they were before they were stored.
enum ElasticDocument: LogWrapper {
  static let signs: [StaticString] = [
    "_source", "hits", "kubernetes", "kubernetes.audit.auditID", "kubernetes.audit.verb",
  ]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    if let source = object.object("_source") { return unwrapper.unwrap(elasticsearch: source, into: &sink) }
    if let audit = object.object("kubernetes")?.object("audit") {
      return unwrapper.unwrap(elasticsearch: audit, into: &sink)
    }
    if object.member("kubernetes.audit.verb", or: "kubernetes.audit.auditID") != nil {
      return unwrapper.unwrap(
        elasticsearchDocument: DottedEvent.nested(object, prefix: "kubernetes.audit.", isTextual: false),
        into: &sink
      )
    }
    // A response says `hits` twice: what was found, and therein the documents.
    guard let documents = object.object("hits")?.member("hits"), documents.isArray else { return nil }
    var pieces = PieceTally()
    pieces.add(elementsOf: documents, with: unwrapper, into: &sink)
    return pieces.outcome(into: &sink)
  }
}

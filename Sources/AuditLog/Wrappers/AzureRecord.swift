// Azure Kubernetes Service: diagnostic logs in Event Hubs and storage accounts.

internal import JSONDocument

/// `{"records":[{"category":"kube-audit","properties":{"log":"<event>",…}},…]}`, or one such record per line.
///
/// Records of other categories hold text of other parts of the control plane. Some exports have `properties` as text.
enum AzureRecord: LogWrapper {
  static let signs: [StaticString] = ["properties", "records"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    if let records = object.member("records"), records.isArray {
      var pieces = PieceTally()
      pieces.add(elementsOf: records, with: unwrapper, into: &sink)
      return pieces.outcome(into: &sink)
    }
    guard let properties = object.member("properties"), properties.isObject || properties.isString else { return nil }
    guard let log = properties.member("log"), log.isString else {
      return unwrapper.unwrap(inner: properties, into: &sink)
    }
    return unwrapper.unwrap(inner: log, into: &sink)
  }
}

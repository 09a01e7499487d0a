// kube-apiserver's webhook backend: batches of events.

internal import JSONDocument

/// The EventList that the API server posts to an audit webhook.
///
/// `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[…]}`; the items say neither kind nor version, as the
/// list says both for them.
enum EventListWrapper: LogWrapper {
  static let signs: [StaticString] = ["items"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let kind = object.member("kind"), kind.equals("EventList"), StandardEvent.isAudit(object),
      let items = object.member("items")
    else { return nil }
    // Written once for each item: a long one would make much of little.
    let stated = object.string("apiVersion") ?? ""
    let version = stated.utf8.count > AuditLogLimits.versionBytesMax ? StandardEvent.apiVersion : stated
    var pieces = PieceTally()
    var elements = items.elements
    while let item = elements.next() {
      if item.isObject, item.member("kind") == nil || item.member("apiVersion") == nil {
        let event = StandardEvent.completed(item, apiVersion: version)
        pieces.add(unwrapper.deliver(event: event, into: &sink), into: &sink)
      } else {
        pieces.add(unwrapper.unwrap(inner: item, into: &sink), into: &sink)
      }
    }
    return pieces.outcome(into: &sink)
  }
}

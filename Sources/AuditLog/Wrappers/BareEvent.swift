// Events whose kind and version a log forwarder dropped.

internal import JSONDocument

/// The fields of an event, perhaps among a forwarder's own, without `kind` and `apiVersion`.
///
/// Log forwarders flatten the event into their record (OpenShift's ClusterLogForwarder, Fluentd and Fluent Bit where
/// they parse JSON), next to `@timestamp` and the like. Rancher's API audit log also has `auditID`, but no stage.
enum BareEvent: LogWrapper {
  static let signs: [StaticString] = ["auditID"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard isEvent(object), let verb = object.member("verb"), verb.isString else { return nil }
    let needsNames = unwrapper.isFromElasticsearch && RestoredNames.areNeeded(in: object)
    let event = needsNames ? RestoredNames.event(object) : StandardEvent.completed(object)
    return unwrapper.deliver(event: event, into: &sink)
  }

  /// Whether an object that does not say what it is has what every event has; the verb is not looked for.
  static func isEvent(_ object: borrowing JSONValue) -> Bool {
    guard let identifier = object.member("auditID"), identifier.isString,
      let stage = object.member("stage"), stage.isString
    else { return false }
    if let kind = object.member("kind"), !kind.equals("Event") { return false }
    return object.member("apiVersion") == nil || StandardEvent.isAudit(object)
  }
}

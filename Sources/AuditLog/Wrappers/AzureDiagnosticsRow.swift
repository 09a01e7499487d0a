// Azure Kubernetes Service: the table AzureDiagnostics of Log Analytics.

internal import JSONDocument

/// A row with the event as text in the column `log_s`.
enum AzureDiagnosticsRow: LogWrapper {
  static let signs: [StaticString] = ["log_s"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let log = object.member("log_s"), log.isString else { return nil }
    return unwrapper.unwrap(inner: log, into: &sink)
  }
}

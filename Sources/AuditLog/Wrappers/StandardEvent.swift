// The shape in which the API server writes an audit event, and how an event comes to have it.

internal import JSONDocument

/// An object of kind Event of the API group audit.k8s.io.
///
/// Source: k8s.io/apiserver, pkg/apis/audit/v1/types.go. Objects of kind Event of the core API and of events.k8s.io are
/// something else: they say what happened to an object, not who asked for it.
enum StandardEvent {
  static let kind = "Event"
  static let apiVersion = "audit.k8s.io/v1"
  private static let group = Array("audit.k8s.io/".utf8)

  /// Whether a value is an audit event in the standard shape.
  static func isEvent(_ value: borrowing JSONValue) -> Bool {
    guard let kind = value.member("kind"), kind.equals("Event") else { return false }
    return isAudit(value)
  }

  /// Whether an object is of the API group of audit events.
  static func isAudit(_ object: borrowing JSONValue) -> Bool {
    guard let version = object.member("apiVersion") else { return false }
    return version.begins(with: group)
  }

  /// Writes an event whose kind and version are missing, with them.
  static func completed(_ event: borrowing JSONValue, apiVersion: String = StandardEvent.apiVersion) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 4 << 10)
    writer.beginObject()
    begin(&writer, apiVersion: apiVersion)
    var members = event.members
    while let member = members.next() {
      if member.key.equals("kind") || member.key.equals("apiVersion") { continue }
      writer.copy(member)
    }
    writer.endObject()
    return writer.bytes
  }

  /// Writes what every event begins with.
  static func begin(_ writer: inout JSONWriter, apiVersion: String = StandardEvent.apiVersion) {
    writer.field("kind", kind)
    writer.field("apiVersion", apiVersion)
  }
}

/// Annotations by which an unwrapped event says what its wrapper said of it.
package enum UnwrappedAnnotations {
  /// Set to `oversizedValue` on events whose bodies the log service left out for their size.
  package static let oversized: StaticString = "hostfence.io/body"
  /// The value of `oversized`.
  package static let oversizedValue = "skipped-too-big"
}

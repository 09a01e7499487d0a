// Splunk's search "Kubernetes Pod With Host Network Attachment": which events it finds.
//
// In a `search`, OR binds more tightly than the AND that stands between two terms unwritten, so the condition is
// resource AND (create OR update) AND annotation. Values are compared whatever their case, names of fields exactly; a
// field with several values matches when one of them does.

package import JSONDocument

/// The condition of the search, and the fields it reads.
///
/// Case is ignored for the letters A to Z only. All of the search's own words are ASCII. What Splunk makes of the
/// letters that Unicode folds to ASCII (U+212A, the sign for Kelvin, to k; U+017F, the long s, to s) is not documented;
/// here they stay what they are, as they do for the API server: an object that spells `hostNetwork` with them has none.
package enum AnalyticSearch {
  /// The fields by which the search groups, as Splunk names them.
  package static let fieldNames = byFields.map(\.text)

  /// The last of the fields, in which the search looks for its text.
  static let annotation = FlattenedName(
    "requestObject.metadata.annotations.kubectl.kubernetes.io/last-applied-configuration"
  )
  static let verb = FlattenedName("verb")
  static let resource = FlattenedName("objectRef.resource")

  private static let byFields = [
    FlattenedName("kind"),
    FlattenedName("objectRef.name"),
    FlattenedName("objectRef.namespace"),
    resource,
    FlattenedName("requestObject.kind"),
    FlattenedName("responseStatus.code"),
    FlattenedName("sourceIPs{}"),
    FlattenedName("stage"),
    FlattenedName("user.username"),
    FlattenedName("userAgent"),
    verb,
    annotation,
  ]
  private static let userGroups = FlattenedName("user.groups{}")

  private static let pods = FoldedText("pods")
  private static let create = FoldedText("create")
  private static let update = FoldedText("update")
  private static let text = FoldedText(#""hostNetwork":true"#)

  /// What the search's first line finds in an event; nil when it does not match.
  ///
  /// Nothing is allocated unless the event matches.
  package static func hit(in event: borrowing JSONValue) -> AnalyticHit? {
    guard matchesVerb(event), matchesResource(event), matchesAnnotation(event) else { return nil }
    var hit = AnalyticHit(fields: [], userGroups: [])
    hit.fields.reserveCapacity(byFields.count)
    for field in byFields { hit.fields.append(field.texts(in: event, leftOut: &hit.leftOutValues)) }
    hit.userGroups = userGroups.texts(in: event, leftOut: &hit.leftOutValues)
    return hit
  }

  static func matchesVerb(_ event: borrowing JSONValue) -> Bool {
    verb.anyValue(in: event) { create.equals($0.utf8) || update.equals($0.utf8) }
  }

  static func matchesResource(_ event: borrowing JSONValue) -> Bool {
    resource.anyValue(in: event) { pods.equals($0.utf8) }
  }

  /// Whether the text stands anywhere in the annotation: `*` is any run of characters, line feeds included.
  static func matchesAnnotation(_ event: borrowing JSONValue) -> Bool {
    annotation.anyValue(in: event) { text.isContained(in: $0.utf8) }
  }
}

// The controller that an object says it belongs to.

internal import JSONDocument

/// The controlling owner of an object, from `metadata.ownerReferences` (Kubernetes, Owners and Dependents).
package struct OwnerReference: Sendable, Hashable {
  /// As in `apps/v1`.
  package var apiVersion: String
  package var kind: String
  package var name: String
  /// Empty where it is not known.
  package var uid: String

  /// Creates a reference.
  package init(apiVersion: String = "v1", kind: String, name: String, uid: String = "") {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.uid = uid
  }

  /// Empty for the core group.
  package var group: String { GroupVersionKind(apiVersion: apiVersion, kind: kind).group }

  /// Reads an element of `metadata.ownerReferences`; nil without kind or name.
  init?(json reference: borrowing JSONValue) {
    guard let kind = reference.string("kind"), let name = reference.string("name") else { return nil }
    self.init(
      apiVersion: reference.string("apiVersion") ?? "",
      kind: kind,
      name: name,
      uid: reference.string("uid") ?? ""
    )
  }
}

extension AdmissionRequest {
  /// The one owner with `controller: true`; whoever writes the object can write it.
  package var controller: OwnerReference? {
    guard let references = object?.object("metadata")?.member("ownerReferences") else { return nil }
    var elements = references.elements
    while let reference = elements.next() {
      if reference.isTrue("controller"), let owner = OwnerReference(json: reference) { return owner }
    }
    return nil
  }
}

extension OwnerReference {
  /// Writes it as Kubernetes does.
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.field("apiVersion", apiVersion)
    writer.field("kind", kind)
    writer.field("name", name)
    writer.field("uid", uid)
    writer.endObject()
  }
}

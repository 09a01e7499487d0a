// The controller that an object says it belongs to.

internal import JSONDocument

/// The controlling owner of an object, from `metadata.ownerReferences` (Kubernetes, Owners and Dependents).
package struct OwnerReference: Sendable, Hashable {
  package var kind: String
  package var name: String

  /// Creates a reference.
  package init(kind: String, name: String) {
    self.kind = kind
    self.name = name
  }
}

extension AdmissionRequest {
  /// The one owner with `controller: true`; whoever writes the object can write it.
  package var controller: OwnerReference? {
    guard let references = object?.object("metadata")?.member("ownerReferences") else { return nil }
    var elements = references.elements
    while let reference = elements.next() {
      if reference.isTrue("controller"), let kind = reference.string("kind"), let name = reference.string("name") {
        return OwnerReference(kind: kind, name: name)
      }
    }
    return nil
  }
}

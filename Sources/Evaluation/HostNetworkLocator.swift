// Finds every place of an object that puts a pod on the node's network.

internal import JSONDocument

/// An attachment, and what is needed to recognise it in another version of the object.
package struct LocatedAttachment: Sendable, Equatable {
  package var attachment: HostNetworkAttachment
  /// The same for the same pod spec in an older or newer version of the object.
  var identity: [UInt8]
  /// What the pod spec says, where the policy asks whether it changed.
  var podSpec: JSONContentDigest?
  /// The place of the `hostNetwork` key in the document it was found in.
  var keyIndex: Int
}

/// All attachments of one object, in the order of the document.
package typealias LocatedAttachments = [LocatedAttachment]

/// Finds `hostNetwork: true`.
///
/// Fields: `hostNetwork` of the pod spec at the known path of the nine built-in kinds; in every other kind anywhere but
/// in `metadata`. Source: Kubernetes API reference, PodSpec v1 core.
enum HostNetworkLocator {
  /// Finds the attachments of an object of a kind.
  ///
  /// - Parameter digesting: whether what the pod specs say is to be kept as well.
  /// - Throws: `EvaluationError.hostNetworkNotBoolean` for a built-in kind, `.tooManyAttachments`.
  static func locate(
    in object: borrowing JSONValue,
    of kind: GroupVersionKind,
    digesting: Bool
  ) throws(EvaluationError) -> LocatedAttachments {
    switch PodSpecPlacement.of(kind) {
    case .nowhere: []
    case .path(let path): try locate(in: object, at: path.keys, digesting)
    // One pass over the document settles almost every object; only those that spell the name are walked.
    case .anywhere: object.mayContain("hostNetwork") ? try search(object, digesting) : []
    }
  }

  private static func locate(
    in object: borrowing JSONValue,
    at keys: [StaticString],
    _ digesting: Bool
  ) throws(EvaluationError) -> LocatedAttachments {
    var podSpec = object.value(at: object.index)
    for key in keys {
      guard let next = podSpec.object(key) else { return [] }
      podSpec = next
    }
    guard let hostNetwork = podSpec.member("hostNetwork"), !hostNetwork.isNull else { return [] }
    let path = FieldPath(to: "hostNetwork", below: keys)
    guard hostNetwork.kind == .boolean else {
      throw .hostNetworkNotBoolean(pointer: path.pointer, found: describe(hostNetwork))
    }
    // A pod spec without containers is a patch or a fragment: what it is laid over decides.
    guard hostNetwork.isTrue else { return [] }
    return [attachment(podSpec, at: path, certainty: hasContainers(podSpec) ? .certain : .possible, digesting)]
  }

  private static func search(
    _ root: borrowing JSONValue,
    _ digesting: Bool
  ) throws(EvaluationError) -> LocatedAttachments {
    var found: LocatedAttachments = []
    var pointerBytes = 0
    var names: [Int: String?] = [:]
    var walker = JSONObjectWalker(root.value(at: root.index))
    while let object = walker.next() {
      if walker.depth == 1, walker.step(0).key?.equals("metadata") ?? false {
        walker.skipChildren()
        continue
      }
      guard let certainty = certainty(of: object) else { continue }
      let path = FieldPath(to: "hostNetwork", below: walker, names: &names)
      pointerBytes += path.pointer.utf8.count
      guard found.count < EvaluationLimits.attachmentsMax, pointerBytes <= EvaluationLimits.pointerBytesMax else {
        throw .tooManyAttachments(limit: EvaluationLimits.attachmentsMax)
      }
      found.append(attachment(object, at: path, certainty: certainty, digesting))
    }
    return found
  }

  /// What the `hostNetwork` of an object of a custom resource means, or nil when it attaches nothing.
  private static func certainty(of object: borrowing JSONValue) -> HostNetworkAttachment.Certainty? {
    guard let hostNetwork = object.member("hostNetwork") else { return nil }
    if hostNetwork.isTrue { return hasContainers(object) ? .certain : .possible }
    // Text beside containers is a template's parameter (OpenShift Template, Crossplane): it may become true.
    return hostNetwork.isString && hasContainers(object) ? .possible : nil
  }

  private static func hasContainers(_ podSpec: borrowing JSONValue) -> Bool {
    guard let containers = podSpec.member("containers") else { return false }
    var elements = containers.elements
    return elements.next()?.isObject ?? false
  }

  private static func attachment(
    _ podSpec: borrowing JSONValue,
    at path: FieldPath,
    certainty: HostNetworkAttachment.Certainty,
    _ digesting: Bool
  ) -> LocatedAttachment {
    let context = PodSpecContext(podSpec)
    return LocatedAttachment(
      attachment: HostNetworkAttachment(
        certainty: certainty,
        pointer: path.pointer,
        field: path.field,
        containers: context.containers,
        hostPorts: context.hostPorts,
        aggravations: context.aggravations
      ),
      identity: path.identity,
      podSpec: digesting ? JSONContentDigest(podSpec) : nil,
      keyIndex: podSpec.keyIndex(of: "hostNetwork") ?? podSpec.index
    )
  }

  private static func describe(_ value: borrowing JSONValue) -> String {
    switch value.kind {
    case .string: "the string \"\((value.string ?? "").prefix(40))\""
    case .number: "a number"
    case .object: "an object"
    case .array: "a list"
    case .boolean, .null: "a boolean"
    }
  }
}

// How large an event may be that is kept, and what is kept of one that is larger.

internal import Evaluation
internal import JSONDocument

extension RiskEvent {
  /// Elements of a list that are kept of an event that is too large: with so many it cannot be too large again.
  private static let elementsMax = 12

  /// Bytes of JSON beside its texts: the names of its members, numbers, annotations; and beside an element of a list.
  private static let (frameBytes, elementBytes) = (4_096, 32)

  /// Bytes that its texts take, about.
  var textBytes: Int {
    let place = attachment.pointer.utf8.count + attachment.field.utf8.count
    let object = namespace.utf8.count + name.utf8.count + objectUID.utf8.count + kindBytes
    let users = riskObject.utf8.count + riskMessage.utf8.count + requester.utf8.count + riskObjectType.utf8.count
    let request = id.utf8.count + requestUID.utf8.count + operation.utf8.count + subresource.utf8.count
    let policy = (exemption?.utf8.count ?? 0) + policyRevision.utf8.count
    let others = (threatObject?.utf8.count ?? 0) + (rootEvent?.utf8.count ?? 0) + ownerBytes
    let lists =
      userGroups.reduce(0) { $0 + $1.utf8.count + Self.elementBytes }
      + attachment.containers.reduce(0) { $0 + $1.name.utf8.count + $1.image.utf8.count + Self.elementBytes }
      + attachment.hostPorts.reduce(0) { $0 + $1.utf8.count + Self.elementBytes }
      + attachment.aggravations.count * Self.elementBytes
    return place + object + users + request + policy + others + lists
  }

  private var kindBytes: Int {
    groupVersionKind.group.utf8.count + groupVersionKind.version.utf8.count + groupVersionKind.kind.utf8.count
  }

  private var ownerBytes: Int {
    guard let owner else { return 0 }
    return owner.apiVersion.utf8.count + owner.kind.utf8.count + owner.name.utf8.count + owner.uid.utf8.count
  }

  /// The event as it is kept: itself, or where its JSON would be too large to be read back, with long texts and lists cut.
  ///
  /// A text is cut as keys are, so that events are told apart as before, and a list says how many more there were.
  var kept: RiskEvent {
    // JSON has no more than six bytes for one.
    guard textBytes * 6 + Self.frameBytes > LedgerLimits.eventBytesMax else { return self }
    var json = JSONWriter()
    write(to: &json)
    return json.bytes.count > LedgerLimits.eventBytesMax ? shortened : self
  }

  private var shortened: RiskEvent {
    var event = self
    for text: WritableKeyPath<RiskEvent, String> in [
      \.id, \.riskObject, \.riskObjectType, \.policyRevision, \.requestUID, \.operation, \.subresource,
      \.groupVersionKind.group, \.groupVersionKind.version, \.groupVersionKind.kind, \.namespace, \.name, \.objectUID,
      \.requester, \.attachment.pointer, \.attachment.field,
    ] { event[keyPath: text] = RiskEventSQL.keyText(self[keyPath: text]) }
    event.charge(event.riskObject, rootEvent: rootEvent.map(RiskEventSQL.keyText))
    event.threatObject = threatObject.map(RiskEventSQL.keyText)
    event.exemption = exemption.map(RiskEventSQL.keyText)
    event.owner = owner.map { owner in
      OwnerReference(
        apiVersion: RiskEventSQL.keyText(owner.apiVersion),
        kind: RiskEventSQL.keyText(owner.kind),
        name: RiskEventSQL.keyText(owner.name),
        uid: RiskEventSQL.keyText(owner.uid)
      )
    }
    event.userGroups = Self.cut(userGroups, RiskEventSQL.keyText, remark: \.self)
    event.attachment.hostPorts = Self.cut(attachment.hostPorts, RiskEventSQL.keyText, remark: \.self)
    event.attachment.containers = Self.cut(attachment.containers) { container in
      HostNetworkAttachment.Container(
        name: RiskEventSQL.keyText(container.name),
        image: RiskEventSQL.keyText(container.image)
      )
    } remark: {
      HostNetworkAttachment.Container(name: $0, image: "")
    }
    return event
  }

  /// The first elements of a list, and a last one that says how many more there were.
  private static func cut<Element>(
    _ list: [Element],
    _ shorten: (Element) -> Element,
    remark: (String) -> Element
  ) -> [Element] {
    let first = list.prefix(elementsMax).map(shorten)
    return list.count > elementsMax ? first + [remark("… and \(list.count - elementsMax) more")] : first
  }
}

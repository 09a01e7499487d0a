// Splunk Risk-Based Alerting's risk event, as Hostfence records it.

package import JSONDocument

/// One attachment somebody asked for, as a risk event (Splunk Enterprise Security: index `risk`; ES 8: intermediate finding).
package struct RiskEvent: Sendable, Equatable {
  /// The same for the same request and attachment, however often it is delivered or replayed.
  package var id: String
  package var time: Timestamp
  /// Who is charged: the requester, or who asked for the object that the requester only derived this one from.
  package var riskObject: String
  /// Splunk's type of the risk object: `user`, `system` or `other`.
  package var riskObjectType: String
  /// By the policy's risk settings; 0 where nobody is to be charged.
  package var riskScore: Int
  package var riskMessage: String
  /// Where the request came from, an IP address; nil where the door does not know it.
  package var threatObject: String?

  /// What became of the request as a whole.
  package var decision: Verdict
  package var mode: Mode
  /// Which rule of the evaluator decided about the attachment.
  package var rule: Decision.Rule
  /// The id of the exemption that freed it.
  package var exemption: String?
  /// Which policy decided; empty in events recorded before there were policies.
  package var policyRevision: String
  /// The time in which the same attachment counts once, by the policy's risk settings.
  package var deduplicationSeconds: Int64
  /// Whether this request put the attachment there, rather than finding it in the old object.
  package var introduced: Bool
  /// Whether the object may have been stored: not where the request was refused, which is a risk all the same.
  ///
  /// Events recorded before there was this field are taken for stored.
  package var stored: Bool

  package var requestUID: String
  package var operation: String
  package var subresource: String
  package var groupVersionKind: GroupVersionKind
  package var namespace: String
  package var name: String
  /// `metadata.uid` of the object, empty where the API server had not set it.
  package var objectUID: String
  /// The name of who sent the request.
  package var requester: String
  package var userGroups: [String]
  /// The object that this one was derived from, where the requester is a controller; see `RiskSettings.isController`.
  package var owner: OwnerReference?
  /// The event of the request that made the object at the top of all owners; nil where it is this one or not known.
  package var rootEvent: String?

  package var attachment: HostNetworkAttachment
}

extension RiskEvent {
  /// Who is responsible for an attachment.
  package enum RootActor: String, Sendable, CaseIterable {
    /// The requester.
    case requester
    /// Whoever sent the root event; this one is evidence.
    case known
    /// A controller made the object and its root event is not in the ledger: the requester is charged.
    case unknown
  }

  /// `namespace/name` of the object, or its name where it has no namespace.
  package var objectPath: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

  /// Who is responsible for the attachment.
  package var rootActor: RootActor { owner == nil ? .requester : rootEvent == nil ? .unknown : .known }

  /// Whether controllers may have derived objects from what the request put there.
  package var mayBeParent: Bool { introduced && stored }

  /// Charges whoever sent the root event.
  package mutating func charge(_ riskObject: String, rootEvent: String?) {
    self.riskObject = riskObject
    self.rootEvent = rootEvent
    riskMessage = Detection.hostNetwork.message(riskObject)
  }
}

extension RiskEvent {
  /// Writes the event as one JSON object; `counted` is added by a ledger, which alone knows it.
  ///
  /// The names are a contract with whoever reads them (`hostfence risk events --output json`, standard output of `serve`).
  package func write(to writer: inout JSONWriter, counted: Bool? = nil) {
    writer.beginObject()
    writer.field("id", id)
    writer.field("time", time.description)
    writer.field("searchName", Detection.hostNetwork.searchName)
    writer.field("riskObject", riskObject)
    writer.field("riskObjectType", riskObjectType)
    writer.field("riskScore", riskScore)
    writer.field("riskMessage", riskMessage)
    writer.key("threatObject")
    if let threatObject { writer.value(threatObject) } else { writer.null() }
    writer.field("threatObjectType", threatObject == nil ? nil : "ip_address")
    writer.field("decision", decision.rawValue)
    writer.field("mode", mode.rawValue)
    writer.field("rule", rule.rawValue)
    writer.field("exemption", exemption)
    writer.field("policyRevision", policyRevision)
    writer.field("deduplicationSeconds", Int(deduplicationSeconds))
    writer.field("introduced", introduced)
    writer.field("stored", stored)
    if let counted { writer.field("counted", counted) }
    writer.field("requestUID", requestUID)
    writer.field("operation", operation)
    writer.field("subresource", subresource)
    writer.field("apiVersion", groupVersionKind.apiVersion)
    writer.field("kind", groupVersionKind.kind)
    writer.field("namespace", namespace)
    writer.field("name", name)
    writer.field("objectUID", objectUID)
    writer.field("requester", requester)
    writer.field("userGroups", userGroups)
    writer.field("rootActor", rootActor.rawValue)
    writer.field("rootEvent", rootEvent)
    writer.key("owner")
    if let owner { owner.write(to: &writer) } else { writer.null() }
    attachment.writeFields(to: &writer)
    writer.key("annotations")
    writer.raw(Detection.hostNetwork.annotations.json)
    writer.endObject()
  }

  /// Reads back what `write` wrote; nil when a field is missing, of another type, or a number that no event has.
  package init?(json: borrowing JSONValue) {
    guard
      let id = json.string("id"), let time = json.string("time").flatMap(Timestamp.init(rfc3339:)),
      let riskObject = json.string("riskObject"), let riskObjectType = json.string("riskObjectType"),
      let riskScore = json.member("riskScore")?.integer, let riskMessage = json.string("riskMessage"),
      let decision = json.string("decision").flatMap(Verdict.init(rawValue:)),
      let mode = json.string("mode").flatMap(Mode.init(rawValue:)),
      let rule = json.string("rule").flatMap(Decision.Rule.init(rawValue:)),
      let apiVersion = json.string("apiVersion"), let kind = json.string("kind"),
      let attachment = HostNetworkAttachment(json: json)
    else { return nil }
    let window = json.member("deduplicationSeconds")?.integer.map(Int64.init) ?? RiskSettings().deduplicationSeconds
    guard (0...RiskSettings.scoreMax).contains(riskScore), (0...RiskSettings.deduplicationSecondsMax).contains(window)
    else {
      return nil
    }
    self.id = id
    self.time = time
    self.riskObject = riskObject
    self.riskObjectType = riskObjectType
    self.riskScore = riskScore
    self.riskMessage = riskMessage
    threatObject = json.string("threatObject")
    self.decision = decision
    self.mode = mode
    self.rule = rule
    exemption = json.string("exemption")
    policyRevision = json.string("policyRevision") ?? ""
    deduplicationSeconds = window
    introduced = json.isTrue("introduced")
    stored = json.member("stored")?.isTrue ?? true
    requestUID = json.string("requestUID") ?? ""
    operation = json.string("operation") ?? ""
    subresource = json.string("subresource") ?? ""
    groupVersionKind = GroupVersionKind(apiVersion: apiVersion, kind: kind)
    namespace = json.string("namespace") ?? ""
    name = json.string("name") ?? ""
    objectUID = json.string("objectUID") ?? ""
    requester = json.string("requester") ?? riskObject
    userGroups = json.strings("userGroups")
    if let reference = json.object("owner") { owner = OwnerReference(json: reference) }
    rootEvent = json.string("rootEvent")
    self.attachment = attachment
  }
}

// Events to record.

package import Evaluation
import JSONDocument

/// Noon of the day this was written; every sample's time is relative to it.
package let noon = Timestamp(microseconds: 1_795_435_200_000_000)

/// One hour and one day in microseconds.
package let hour: Int64 = 3_600_000_000
package let day: Int64 = 24 * hour

extension RiskEvent {
  /// An event that counts, with the fields a test is about.
  package static func sample(
    _ id: String,
    at microseconds: Int64 = 0,
    by user: String = "alice",
    score: Int = 49,
    introduced: Bool = true,
    uid: String = "uid-1",
    namespace: String = "default",
    name: String = "web",
    pointer: String = "/spec/hostNetwork",
    decision: Verdict = .warn
  ) throws -> RiskEvent {
    var event = try template()
    event.id = id
    event.time = Timestamp(microseconds: noon.microseconds + microseconds)
    event.requester = user
    event.charge(user, rootEvent: nil)
    event.riskScore = score
    event.introduced = introduced
    event.objectUID = uid
    event.namespace = namespace
    event.name = name
    event.attachment.pointer = pointer
    event.decision = decision
    return event
  }

  private static func template() throws -> RiskEvent {
    let json = """
      {"id":"1","time":"2026-11-23T12:00:00Z","riskObject":"alice","riskObjectType":"user","riskScore":49,
      "riskMessage":"Kubernetes pod with host network attachment from user alice.","threatObject":"192.0.2.7",
      "decision":"warn","mode":"warn","rule":"mode","introduced":true,"requestUID":"r1","operation":"CREATE",
      "subresource":"","apiVersion":"apps/v1","kind":"Deployment","namespace":"default","name":"web","objectUID":"uid-1",
      "userGroups":["dev","system:authenticated"],"pointer":"/spec/hostNetwork","field":"spec.hostNetwork",
      "certainty":"certain","containers":[{"name":"web","image":"nginx:1.27"}],"hostPorts":["80/TCP"],
      "aggravations":["NET_RAW"]}
      """
    let event = try JSONParser().withDocument(Array(json.utf8)) { RiskEvent(json: $0) }
    guard let event else { throw UnreadableSample() }
    return event
  }
}

/// The template is not what `RiskEvent` reads.
package struct UnreadableSample: Error {}

// From a recorded decision to its risk events.

internal import JSONDocument

extension Decision {
  /// One risk event per attachment, or none when the decision or the request leaves no record.
  package func riskEvents(for request: borrowing AdmissionRequest) -> [RiskEvent] {
    guard isRecorded, !request.isDryRun else { return [] }
    let user = request.user
    let uid = request.uid
    let detection = Detection.hostNetwork
    let namespace = request.namespace
    let name = request.name
    let objectUID = request.objectUID
    var events: [RiskEvent] = []
    events.reserveCapacity(attachments.count)
    for judged in attachments {
      events.append(
        RiskEvent(
          // A request holds one object, so its uid and the place in the object name an attachment for good.
          id: "\(uid):\(judged.attachment.pointer)",
          time: request.time,
          riskObject: user.username,
          riskObjectType: "user",
          riskScore: rule == .mirrorPod ? 0 : detection.score(judged.attachment.certainty),
          riskMessage: detection.message(user.username),
          threatObject: request.sourceIP,
          decision: verdict,
          mode: mode,
          rule: rule,
          introduced: judged.introduced,
          requestUID: uid,
          operation: request.operation.rawValue,
          subresource: request.subresource,
          groupVersionKind: request.kind,
          namespace: namespace,
          name: name,
          objectUID: objectUID,
          userGroups: user.groups,
          attachment: judged.attachment
        )
      )
    }
    return events
  }
}

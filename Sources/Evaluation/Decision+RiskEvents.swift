// From a recorded decision to its risk events.

extension Decision {
  /// One risk event per attachment, or none when the decision or the request leaves no record.
  package func riskEvents(for request: borrowing AdmissionRequest) -> [RiskEvent] {
    isRecorded ? riskEvents(for: subject ?? request.subject) : []
  }

  /// As above, for a request whose document is gone.
  ///
  /// - Parameters:
  ///   - requestID: tells the request from all others; its uid unless that is the client's to choose.
  ///   - stored: whether the object was stored; nil where that follows from the verdict, as others may only refuse more.
  package func riskEvents(for subject: RequestSubject, requestID: String? = nil, stored: Bool? = nil) -> [RiskEvent] {
    guard isRecorded, !subject.isDryRun else { return [] }
    return attachments.filter(\.isRecorded).map { judged in
      RiskEvent(
        // A request holds one object, so its id and the place in the object name an attachment for good.
        id: "\(requestID ?? subject.uid):\(judged.attachment.pointer)",
        time: subject.time,
        riskObject: subject.user.username,
        riskObjectType: "user",
        riskScore: judged.riskScore,
        riskMessage: Detection.hostNetwork.message(subject.user.username),
        threatObject: subject.sourceIP,
        decision: verdict,
        mode: mode,
        rule: judged.rule,
        exemption: judged.exemption,
        policyRevision: policyRevision,
        deduplicationSeconds: deduplicationSeconds,
        introduced: judged.introduced,
        stored: stored ?? (verdict != .deny),
        requestUID: subject.uid,
        operation: subject.operation.rawValue,
        subresource: subject.subresource,
        groupVersionKind: subject.kind,
        namespace: subject.namespace,
        name: subject.name,
        objectUID: subject.objectUID,
        requester: subject.user.username,
        userGroups: subject.user.groups,
        owner: believesOwner ? subject.controller : nil,
        rootEvent: nil,
        attachment: judged.attachment
      )
    }
  }
}

// The detection Hostfence exists for: "Kubernetes Pod With Host Network Attachment".

extension Detection {
  /// Pods on the node's network.
  ///
  /// Source: Splunk security content, id cce357cf-43a4-494a-814b-67cea90fe990 (type Anomaly).
  /// T1611, Escape to Host, is our addition to its T1204.
  package static let hostNetwork = Detection(
    analyticID: "cce357cf-43a4-494a-814b-67cea90fe990",
    title: "Kubernetes Pod With Host Network Attachment",
    searchName: "ESCU - Kubernetes Pod With Host Network Attachment - Rule",
    summary: "An object asks for a pod on the node's network (hostNetwork: true), or would make one.",
    annotations: RiskAnnotations(
      analyticStories: ["Kubernetes Security"],
      cis20: ["CIS 13"],
      killChainPhases: ["Installation"],
      mitreAttack: ["T1204", "T1611"],
      nist: ["DE.AE"],
      dataSources: ["Kubernetes Audit"]
    ),
    message: { "Kubernetes pod with host network attachment from user \($0)." },
    locate: { (object, kind, digesting) throws(EvaluationError) in
      try HostNetworkLocator.locate(in: object, of: kind, digesting: digesting)
    }
  )
}

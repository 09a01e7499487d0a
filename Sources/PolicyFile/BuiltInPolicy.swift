// The policy that holds without any file, written out as a file to begin with.

/// The text of `hostfence policy default`; reading it gives `PolicyLoad.builtIn`, which a test holds.
package enum BuiltInPolicy {
  /// YAML, ending in a line feed.
  package static let text = """
    # The policy that Hostfence uses without --policy. Copy it, and take out the # before what you want to change.
    # Check it with: hostfence policy check FILE
    apiVersion: hostfence.dev/v1
    kind: Policy

    # What is done about an attachment to the node's network: "off" (in quotes: off alone is false in YAML), audit
    # (recorded), warn (recorded, and the requester is told) or deny (recorded, and refused).
    mode: warn

    # From this moment on warn is deny. A date is its first moment in UTC.
    # denyFrom: "2027-01-01"

    # How far an update may keep an attachment that the object had before: introduced (while it is in the old object),
    # unchanged (while its whole pod spec is unchanged) or any (never).
    updates: introduced

    # Modes by namespace. The first rule that matches decides; * is any run of characters, ? exactly one.
    # namespaces:
    # - match: [kube-system, "openshift-*"]
    #   mode: audit
    # - match: ["payments-*"]
    #   mode: warn
    #   denyFrom: "2026-12-01T08:00:00Z"

    # Who or what may use the node's network. All conditions that are given must hold; images must hold for every
    # container. Labels are no condition: whoever writes an object writes its labels.
    # exemptions:
    # - id: node-exporter
    #   reason: Reads the node's own network counters.
    #   owner: team-observability
    #   expires: "2027-06-30"
    #   record: true             # as a suppressed risk event, with the score 0
    #   match:
    #     namespaces: [monitoring]
    #     # names, kinds, users, groups and serviceAccounts are further conditions.
    #     ownerWorkloads:
    #     - kind: DaemonSet
    #       name: node-exporter
    #     images: ["quay.io/prometheus/node-exporter:*"]

    # Custom resources whose hostNetwork is known to make pods on the node's network. Elsewhere such a field, without
    # containers beside it, is warned about and never denied.
    # customResources:
    # - group: monitoring.coreos.com
    #   kind: Prometheus
    #   path: spec.hostNetwork

    # Further kinds that speak about pods and make none, as the policies of other engines do.
    # neverAttaching:
    # - group: policies.example.com
    #   kind: PodRule

    # What an attachment is worth in Splunk's Risk-Based Alerting: impact × confidence / 100, the analytic's own 49.
    risk:
      impact: 70
      confidence: 70
      possibleConfidence: 30   # of a field in a custom resource that only may attach
      deduplication: 24h       # the same attachment by the same user counts once in this time
      # factors:
      # - id: raw-packets
      #   aggravations: [NET_RAW, NET_ADMIN]
      #   add: 20
      # - id: production
      #   match:
      #     namespaces: ["*-prod"]
      #   multiply: 1.5
      # controllers:             # beside Kubernetes' own: what they derive is charged to whoever made the owner
      # - system:serviceaccount:argo-rollouts:argo-rollouts
      # escalation:              # warn is deny for a user whose counted risk within the window is above this
      #   above: 100
      #   window: 24h

    """
}

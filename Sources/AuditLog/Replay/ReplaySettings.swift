// What a replay is asked to do.

package import Evaluation

/// What counts as a finding.
package enum ReplaySemantics: String, Sendable, CaseIterable {
  /// The evaluator's verdict on the object that was written.
  case hostfence
  /// The Splunk analytic's search, exactly.
  case splunk
}

/// Which requests are asked for; all conditions that are given must hold.
package struct ReplayFilter: Sendable, Equatable {
  /// The first moment that matches.
  package var since: Timestamp?
  /// The first moment that no longer matches.
  package var until: Timestamp?
  package var namespace: String?
  package var user: String?

  /// Creates a filter; without conditions everything matches.
  package init(since: Timestamp? = nil, until: Timestamp? = nil, namespace: String? = nil, user: String? = nil) {
    self.since = since
    self.until = until
    self.namespace = namespace
    self.user = user
  }

  /// Whether there is any condition.
  var isEmpty: Bool { self == ReplayFilter() }

  /// Whether a request is asked for.
  func matches(_ event: ObservedEvent) -> Bool {
    if let since, event.facts.time < since { return false }
    if let until, event.facts.time >= until { return false }
    if let namespace, event.facts.namespace != namespace { return false }
    return user == nil || event.facts.user.username == user
  }
}

/// What a replay is asked to do.
package struct ReplaySettings: Sendable {
  package var policy: Policy
  package var semantics: ReplaySemantics
  /// Whether both semantics are run, and what only one of them finds is reported instead of the findings.
  package var compares: Bool
  package var filter: ReplayFilter
  /// Bytes of the longest record that is read.
  package var recordBytesMax: Int
  /// Whether the files are a part of those to be read, and others read the rest.
  package var isShard: Bool

  /// Creates settings.
  package init(
    policy: Policy,
    semantics: ReplaySemantics = .hostfence,
    compares: Bool = false,
    filter: ReplayFilter = ReplayFilter(),
    recordBytesMax: Int = AuditLogLimits.recordBytesMax,
    isShard: Bool = false
  ) {
    self.policy = policy
    self.semantics = semantics
    self.compares = compares
    self.filter = filter
    self.recordBytesMax = recordBytesMax
    self.isShard = isShard
  }

  var interest: ReplayInterest {
    ReplayInterest(judges: compares || semantics == .hostfence, searches: compares || semantics == .splunk)
  }
}

// What the risk page shows, as the JSON that it reads.

package import Evaluation
internal import JSONDocument
package import RiskLedger

/// Everything on the risk page, as read from a ledger at one time.
package struct RiskPageData: Sendable {
  /// Bounds of what one page shows; a browser should stay quick.
  private static let limits = (riskObjects: 200, incidents: 50, evidence: 200, events: 200, buckets: 120)

  private let generatedAt: Timestamp
  private let period: RiskPeriod
  private let threshold: RiskThreshold
  private let overview: RiskOverview
  private let riskObjects: [RiskObjectSummary]
  private let incidents: [RiskIncident]
  private let incidentCount: Int
  /// The latest first.
  private let events: [RecordedRiskEvent]

  /// Reads what the page shows.
  ///
  /// - Throws: `LedgerError`.
  package init(
    _ ledger: any RiskLedger,
    period: RiskPeriod,
    threshold: RiskThreshold,
    at now: Timestamp
  ) throws(LedgerError) {
    generatedAt = now
    self.period = period
    self.threshold = threshold
    overview = try ledger.overview(of: period, bucketsMax: Self.limits.buckets)
    riskObjects = try ledger.riskObjects(in: period, limit: Self.limits.riskObjects)
    let all = try ledger.incidents(in: period, threshold)
    var shown = Array(all.prefix(Self.limits.incidents))
    try ledger.addEvidence(to: &shown, limit: Self.limits.evidence)
    incidents = shown
    incidentCount = all.count
    let latest = RiskEventQuery(period, limit: Self.limits.events, order: .latestFirst)
    var events: [RecordedRiskEvent] = []
    // The totals count what cannot be read; other reports and those who follow the ledger name it.
    try ledger.forEachReadableEvent(matching: latest, unreadable: { _ in }) { event in
      events.append(event)
      return true
    }
    self.events = events
  }

  /// One JSON object; the names are a contract with the page.
  package var json: [UInt8] {
    var writer = JSONWriter(capacityBytes: 64 << 10)
    writer.beginObject()
    writer.field("generatedAt", generatedAt.description)
    writer.key("period")
    writer.beginObject()
    writer.field("since", (period.since ?? overview.timeline.first?.key ?? generatedAt).description)
    writer.field("until", (period.until ?? generatedAt).description)
    writer.endObject()
    writer.key("threshold")
    writer.beginObject()
    writer.field("score", threshold.score)
    writer.field("windowSeconds", Int(threshold.windowSeconds))
    writer.endObject()
    writeTotals(&writer)
    writeTimeline(&writer)
    writer.key("riskObjects")
    writer.beginArray()
    for object in riskObjects {
      writer.beginObject()
      for field in RiskObjectFields.all { writer.write(field, of: object) }
      writer.endObject()
    }
    writer.endArray()
    writeNamespaces(&writer)
    writer.key("incidents")
    writer.beginArray()
    for incident in incidents {
      writer.beginObject()
      writer.writeMembers(of: incident)
      writer.endObject()
    }
    writer.endArray()
    writer.key("events")
    writer.writeArray(events)
    writer.endObject()
    return writer.bytes
  }

  private func writeTotals(_ writer: inout JSONWriter) {
    writer.key("totals")
    writer.beginObject()
    writer.field("score", overview.score)
    writer.field("counted", overview.counted)
    writer.field("events", overview.decisions.total)
    writer.field("riskObjects", overview.riskObjects)
    writer.field("namespaces", overview.namespaces.count)
    writer.field("incidents", incidentCount)
    writer.write(overview.decisions)
    writer.endObject()
  }

  private func writeTimeline(_ writer: inout JSONWriter) {
    writer.key("timeline")
    writer.beginObject()
    writer.field("bucketSeconds", Int(overview.bucketSeconds))
    writer.key("buckets")
    writer.beginArray()
    for bucket in overview.timeline {
      writer.beginObject()
      writer.field("time", bucket.key.description)
      writer.write(bucket.decisions)
      writer.field("score", bucket.score)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
  }

  private func writeNamespaces(_ writer: inout JSONWriter) {
    writer.key("namespaces")
    writer.beginArray()
    for namespace in overview.namespaces {
      writer.beginObject()
      writer.field("namespace", namespace.key)
      writer.field("score", namespace.score)
      writer.field("events", namespace.decisions.total)
      writer.write(namespace.decisions)
      writer.endObject()
    }
    writer.endArray()
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ decisions: DecisionCounts) {
    field("allow", decisions.allowed)
    field("warn", decisions.warned)
    field("deny", decisions.denied)
  }
}

// The numbers of a replay as JSON.

internal import AuditLog
internal import Evaluation
internal import JSONDocument

extension ReplaySummary {
  /// Writes the members of `summary`; the names are a contract.
  func writeFields(to writer: inout JSONWriter) {
    writer.field("mode", mode.rawValue)
    writer.field("policyRevision", policyRevision)
    writer.key("exemptions")
    writer.beginArray()
    for use in exemptions {
      writer.beginObject()
      writer.field("id", use.id)
      writer.field("expires", use.expires?.description)
      writer.field("freed", use.freed)
      writer.endObject()
    }
    writer.endArray()
    writer.field("files", files)
    writer.field("bytes", bytes)
    writer.field("lines", lines)
    writer.field("firstEvent", firstEvent?.description)
    writer.field("lastEvent", lastEvent?.description)
    writer.field("otherRecords", otherRecords)
    writer.field("duplicates", duplicates)
    writer.field("findings", findings)
    writer.write("written", written)
    writer.write("dryRuns", dryRuns)
    writer.write("rejected", rejected)
    writer.field("unknownPrevious", unknownPrevious)
    for (key, tally) in [
      ("byUser", byUser), ("byNamespace", byNamespace), ("byWorkload", byWorkload), ("byOwner", byOwner),
      ("byImage", byImage), ("byHour", byHour),
    ] {
      writer.write(key, tally)
    }
    writer.write(coverage)
    writer.write("unreadable", unreadable)
    writer.field("unreadableCount", unreadableCount)
    writer.write("cutLastRecords", cutLastRecords)
    writer.field("recordedEvents", recordedEvents)
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ key: String, _ counts: VerdictCounts) {
    self.key(key)
    beginObject()
    writeFields(counts)
    endObject()
  }

  private mutating func writeFields(_ counts: VerdictCounts) {
    field("denied", counts.denied)
    field("warned", counts.warned)
    field("allowed", counts.allowed)
  }

  /// Names with the most denials first; those beyond the tally's limit are one number under `others`.
  fileprivate mutating func write(_ key: String, _ tally: VerdictTally) {
    self.key(key)
    beginObject()
    self.key("names")
    beginArray()
    for (name, counts) in tally.top(VerdictTally.namesMax) {
      beginObject()
      field("name", name)
      writeFields(counts)
      endObject()
    }
    endArray()
    write("others", tally.others)
    endObject()
  }

  fileprivate mutating func write(_ coverage: Coverage) {
    key("coverage")
    beginObject()
    field("events", coverage.events)
    field("judgedWrites", coverage.judgedWrites)
    field("unjudgedWrites", coverage.unjudgedWrites)
    field("endedWrites", coverage.endedWrites)
    field("earlyEvents", coverage.earlyEvents)
    for (name, gaps) in [("gaps", coverage.gaps), ("customResourceGaps", coverage.customResourceGaps)] {
      key(name)
      beginArray()
      for (gap, count) in CoverageText.sorted(gaps) {
        beginObject()
        field("group", gap.group)
        field("resource", gap.resource)
        field("reason", gap.reason.rawValue)
        field("count", count)
        endObject()
      }
      endArray()
    }
    endObject()
  }

  fileprivate mutating func write(_ key: String, _ places: [UnreadablePlace]) {
    self.key(key)
    beginArray()
    for place in places {
      beginObject()
      field("file", place.file)
      field("line", place.line)
      field("message", place.message)
      endObject()
    }
    endArray()
  }
}

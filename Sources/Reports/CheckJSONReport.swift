// `hostfence check --output json`.

internal import Evaluation
internal import JSONDocument
package import Manifests

/// The result of a check as one JSON object.
///
/// - `findings`: `file`, `line`, `column` (from 1), `apiVersion`, `kind`, `namespace`, `name`, `pointer`, `field`,
///   `certainty`, `containers`, `hostPorts`, `aggravations`, `decision`, `introduced`, `rule`,
///   `exemption` (where one frees it), `policyRevision`, `message`
/// - `unreadable` and `warnings`: `file`, `line`, `column` (0 when the whole file is meant), `message`
/// - `summary`: counts
package enum CheckJSONReport {
  /// Writes the report, ending in a line feed.
  package static func render(_ result: CheckResult) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 1_024)
    writer.beginObject()
    writer.key("findings")
    writer.beginArray()
    for finding in result.findings { write(finding, to: &writer) }
    writer.endArray()
    writer.problems("unreadable", result.unreadable)
    writer.problems("warnings", result.warnings)
    writer.key("summary")
    writer.beginObject()
    writer.field("files", result.fileCount)
    writer.field("objects", result.objectCount)
    writer.field("otherDocuments", result.otherDocumentCount)
    writer.field("denied", result.count(.deny))
    writer.field("warned", result.count(.warn))
    writer.field("allowed", result.count(.allow))
    writer.field("unreadable", result.unreadable.count)
    writer.endObject()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  private static func write(_ finding: Finding, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.field("file", finding.file)
    writer.field("line", finding.position.line)
    writer.field("column", finding.position.column)
    writer.field("apiVersion", finding.apiVersion)
    writer.field("kind", finding.kind)
    writer.field("namespace", finding.namespace)
    writer.field("name", finding.name)
    finding.judged.attachment.writeFields(to: &writer)
    writer.field("decision", finding.judged.verdict.rawValue)
    writer.field("introduced", finding.judged.introduced)
    writer.field("rule", finding.judged.rule.rawValue)
    writer.field("exemption", finding.judged.exemption)
    writer.field("policyRevision", finding.policyRevision)
    writer.field("message", finding.message)
    writer.endObject()
  }
}

// What a policy says, in few characters: equal for equal policies, however they are written.

internal import Digest
internal import Evaluation
internal import JSONDocument

/// Makes revisions.
enum PolicyDigest {
  /// The first 12 hexadecimal digits of the SHA-256 of the policy in one fixed form.
  ///
  /// Comments, the order of keys, YAML or JSON, and how it is spread over files do not matter; the order of rules does.
  static func revision(of policy: Policy) -> String {
    SHA256Digest.hexadecimal(of: canonical(policy).span, bytes: 6)
  }

  private static func canonical(_ policy: Policy) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.write(policy.enforcement)
    writer.field("updates", policy.updates.rawValue)
    writer.list("namespaces", policy.namespaceRules) { writer, rule in
      writer.field("match", rule.patterns.map(\.text))
      writer.write(rule.enforcement)
    }
    writer.list("exemptions", policy.exemptions) { writer, exemption in
      writer.field("id", exemption.id)
      writer.field("reason", exemption.reason)
      writer.field("owner", exemption.owner)
      writer.field("expires", exemption.expires?.description)
      writer.field("record", exemption.isRecorded)
      writer.write(exemption.conditions)
    }
    writer.list("customResources", policy.customResources) { writer, rule in
      writer.field("kind", rule.kind.text)
      writer.field("path", rule.path.text)
    }
    writer.field("neverAttaching", policy.neverAttaching.map(\.text))
    writer.field("impact", policy.risk.impact)
    writer.field("confidence", policy.risk.confidence)
    writer.field("possibleConfidence", policy.risk.possibleConfidence)
    writer.field("deduplication", Int(policy.risk.deduplicationSeconds))
    // Only where there are some: policies of before keep their revisions.
    if !policy.risk.controllers.isEmpty { writer.field("controllers", policy.risk.controllers.map(\.text)) }
    if let escalation = policy.risk.escalation {
      writer.field("escalationAbove", escalation.above)
      writer.field("escalationWindow", Int(escalation.windowSeconds))
    }
    writer.list("factors", policy.risk.factors) { writer, factor in
      writer.field("id", factor.id)
      writer.field("aggravations", factor.aggravations.map(\.rawValue))
      writer.write(factor.conditions)
      switch factor.effect {
      case .add(let points): writer.field("add", points)
      case .multiply(let multiplier): writer.field("multiply", String(multiplier))
      }
    }
    writer.endObject()
    return writer.bytes
  }
}

extension JSONWriter {
  fileprivate mutating func list<Part>(_ key: String, _ parts: [Part], _ body: (inout JSONWriter, Part) -> Void) {
    self.key(key)
    beginArray()
    for part in parts {
      beginObject()
      body(&self, part)
      endObject()
    }
    endArray()
  }

  fileprivate mutating func write(_ enforcement: Enforcement) {
    field("mode", enforcement.mode.rawValue)
    field("denyFrom", enforcement.denyFrom?.description)
  }

  fileprivate mutating func write(_ conditions: RequestConditions) {
    for condition in conditions.given { field(condition.rawValue, conditions.patterns(condition)) }
  }
}

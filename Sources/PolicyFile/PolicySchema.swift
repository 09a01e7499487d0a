// The JSON Schema of a policy file, for editors and other tools.

internal import JSONDocument

/// Writes the schema (JSON Schema 2020-12) from the same table that the check reads.
///
/// What compares two entries (ids taken twice, rules never reached) or asks the calendar is beyond a schema;
/// `hostfence policy check` says it.
package enum PolicySchema {
  /// The schema, one JSON object that ends in a line feed.
  package static var text: [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("$schema", "https://json-schema.org/draft/2020-12/schema")
    writer.field("$id", "https://hostfence.dev/schemas/policy-v1.json")
    writer.field("title", "Hostfence policy")
    writer.members(of: .policy)
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}

extension JSONWriter {
  /// Writes the keywords that stand for a shape.
  fileprivate mutating func members(of shape: Shape) {
    switch shape {
    case .object(let fields, let rule):
      field("type", "object")
      field("additionalProperties", false)
      let required = fields.filter(\.isRequired).map(\.key)
      if !required.isEmpty { field("required", required) }
      key("properties")
      beginObject()
      for child in fields {
        key(child.key)
        beginObject()
        field("description", child.about)
        members(of: child.shape)
        endObject()
      }
      endObject()
      write(rule)
    case .list(let element):
      field("type", "array")
      field("minItems", 1)
      if element.isText { field("uniqueItems", true) }
      key("items")
      beginObject()
      members(of: element)
      endObject()
    case .text(let rule):
      field("type", "string")
      field("pattern", "^(\(rule.pattern))$")
    case .choice(let choices):
      field("type", "string")
      field("enum", choices)
    case .integer(let range):
      field("type", "integer")
      field("minimum", range.lowerBound)
      field("maximum", range.upperBound)
    case .number(let range):
      field("type", "number")
      field("minimum", Int(range.lowerBound))
      field("maximum", Int(range.upperBound))
    case .boolean: field("type", "boolean")
    }
  }

  private mutating func write(_ rule: Shape.Rule) {
    switch rule {
    case .none: break
    case .anyField: field("minProperties", 1)
    case .oneOf(let first, let second):
      key("oneOf")
      beginArray()
      for name in [first, second] {
        beginObject()
        field("required", [name])
        endObject()
      }
      endArray()
    case .denyFromWantsWarn:
      key("if")
      beginObject()
      field("required", ["denyFrom"])
      endObject()
      key("then")
      raw(#"{"properties":{"mode":{"const":"warn"}}}"#)
    }
  }
}

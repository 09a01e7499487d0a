// Elasticsearch: the names of annotations get their dots back.

internal import JSONDocument

/// Restores names of annotations and labels in whose first part dots were replaced by underscores.
///
/// Shippers to Elasticsearch do that, as it takes a dot in a name for a path: `kubectl_kubernetes_io/…`. The part in
/// front of the slash is a DNS name (Kubernetes API conventions, annotations), and a DNS name has no underscore.
enum RestoredNames {
  private static let maps: [StaticString] = ["annotations", "labels"]

  /// Whether an event has a name to restore.
  static func areNeeded(in event: borrowing JSONValue) -> Bool {
    if let annotations = event.member("annotations"), hasReplaced(annotations) { return true }
    for body: StaticString in ["requestObject", "responseObject"] {
      guard let metadata = event.object(body)?.object("metadata") else { continue }
      for name in maps {
        if let map = metadata.member(name), hasReplaced(map) { return true }
      }
    }
    return false
  }

  /// Writes an event with its names restored, in the standard shape.
  static func event(_ event: borrowing JSONValue) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 4 << 10)
    writer.beginObject()
    StandardEvent.begin(&writer, apiVersion: event.string("apiVersion") ?? StandardEvent.apiVersion)
    var members = event.members
    while let member = members.next() {
      if member.key.equals("kind") || member.key.equals("apiVersion") { continue }
      if member.key.equals("annotations") {
        write(member, isRestored: true, to: &writer)
      } else if member.key.equals("requestObject") || member.key.equals("responseObject") {
        writeBody(member, to: &writer)
      } else {
        writer.copy(member)
      }
    }
    writer.endObject()
    return writer.bytes
  }

  private static func writeBody(_ body: borrowing JSONMember, to writer: inout JSONWriter) {
    guard body.value.isObject else { return writer.copy(body) }
    writer.key(body.key.string ?? "")
    writer.beginObject()
    var members = body.value.members
    while let member = members.next() {
      guard member.key.equals("metadata"), member.value.isObject else {
        writer.copy(member)
        continue
      }
      writer.key("metadata")
      writer.beginObject()
      var fields = member.value.members
      while let field = fields.next() {
        write(field, isRestored: field.key.equals("annotations") || field.key.equals("labels"), to: &writer)
      }
      writer.endObject()
    }
    writer.endObject()
  }

  private static func write(_ map: borrowing JSONMember, isRestored: Bool, to writer: inout JSONWriter) {
    guard isRestored, map.value.isObject else { return writer.copy(map) }
    writer.key(map.key.string ?? "")
    writer.beginObject()
    var members = map.value.members
    while let member = members.next() {
      writer.key(isReplaced(member.key) ? restored(member.key.string ?? "") : member.key.string ?? "")
      member.value.write(to: &writer)
    }
    writer.endObject()
  }

  private static func restored(_ name: String) -> String {
    guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) else { return name }
    return String(name[..<slash].map { $0 == "_" ? "." : $0 }) + name[slash...]
  }

  private static func hasReplaced(_ map: borrowing JSONValue) -> Bool {
    var members = map.members
    while let member = members.next() {
      if isReplaced(member.key) { return true }
    }
    return false
  }

  private static func isReplaced(_ name: borrowing JSONValue) -> Bool {
    let bytes = name.utf8
    var hasUnderscore = false
    for place in bytes.indices {
      if bytes[place] == UInt8(ascii: "/") { return hasUnderscore }
      if bytes[place] == UInt8(ascii: "_") { hasUnderscore = true }
    }
    return false
  }
}

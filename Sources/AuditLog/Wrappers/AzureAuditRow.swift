// Azure Kubernetes Service: the tables AKSAudit and AKSAuditAdmin of Log Analytics.

internal import JSONDocument

/// A row with a column for each field of the event; columns that hold objects may have them as text.
///
/// Source: Azure Monitor, table reference AKSAudit.
enum AzureAuditRow: LogWrapper {
  static let signs: [StaticString] = ["AuditId"]

  /// Columns of text, and the fields of the event that they are.
  private static let texts: [(column: StaticString, field: String)] = [
    ("Level", "level"), ("AuditId", "auditID"), ("Stage", "stage"), ("RequestUri", "requestURI"), ("Verb", "verb"),
    ("UserAgent", "userAgent"), ("RequestReceivedTime", "requestReceivedTimestamp"),
    ("StageReceivedTime", "stageTimestamp"),
  ]
  private static let objects: [(column: StaticString, field: String)] = [
    ("User", "user"), ("ImpersonatedUser", "impersonatedUser"), ("SourceIps", "sourceIPs"),
    ("ObjectRef", "objectRef"), ("ResponseStatus", "responseStatus"),
  ]
  private static let bodies: [(column: StaticString, field: String)] = [
    ("RequestObject", "requestObject"), ("ResponseObject", "responseObject"),
  ]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let verb = object.member("Verb"), verb.isString, let stage = object.member("Stage"), stage.isString else {
      return nil
    }
    var writer = JSONWriter(capacityBytes: 4 << 10)
    writer.beginObject()
    StandardEvent.begin(&writer)
    for (column, field) in texts { writer.field(field, object.string(column)) }
    for (column, field) in objects {
      if let value = object.member(column) { _ = write(value, as: field, with: unwrapper, to: &writer) }
    }
    var isOversized = false
    for (column, field) in bodies {
      guard let value = object.member(column) else { continue }
      if !write(value, as: field, with: unwrapper, to: &writer) { isOversized = true }
    }
    writer.key("annotations")
    writer.beginObject()
    if isOversized { writer.field(UnwrappedAnnotations.oversized.description, UnwrappedAnnotations.oversizedValue) }
    writeAnnotations(object.member("Annotations"), with: unwrapper, to: &writer)
    writer.endObject()
    writer.endObject()
    return unwrapper.deliver(event: writer.bytes, into: &sink)
  }

  /// Writes an object, which may be there as text; false when there is text that is none.
  ///
  /// The service puts `skipped-too-big-size-object` in the place of large bodies, and cuts columns at 32 KiB.
  private static func write(
    _ value: borrowing JSONValue,
    as field: String,
    with unwrapper: Unwrapper,
    to writer: inout JSONWriter
  ) -> Bool {
    guard value.isString else {
      if value.isObject || value.isArray { writer.field(field, copying: value) }
      return true
    }
    guard let first = firstByte(of: value) else { return true }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["), unwrapper.isJSON(value.utf8) else { return false }
    writer.key(field)
    writer.raw(value.string ?? "null")
    return true
  }

  /// Writes the members of the annotations into the object that is open.
  private static func writeAnnotations(
    _ annotations: consuming JSONValue?,
    with unwrapper: Unwrapper,
    to writer: inout JSONWriter
  ) {
    guard let annotations else { return }
    unwrapper.withObject(annotations) { object in
      var members = object.members
      while let member = members.next() { writer.copy(member) }
    }
  }

  private static func firstByte(of text: borrowing JSONValue) -> UInt8? {
    let bytes = text.utf8
    for place in bytes.indices where bytes[place] > UInt8(ascii: " ") { return bytes[place] }
    return nil
  }
}

// Azure Monitor: what its query API answers.

internal import JSONDocument

/// `{"tables":[{"columns":[{"name":"Verb",…},…],"rows":[["create",…],…]}]}`; each row becomes an object.
enum LogAnalyticsTables: LogWrapper {
  static let signs: [StaticString] = ["tables"]

  static func unwrap(
    _ object: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Unwrapper.Outcome? {
    guard let tables = object.member("tables"), tables.isArray else { return nil }
    var pieces = PieceTally()
    var elements = tables.elements
    while let table = elements.next() {
      guard let columns = table.member("columns"), let rows = table.member("rows") else { continue }
      let names = names(of: columns)
      var cursor = rows.elements
      while let row = cursor.next() {
        pieces.add(unwrapper.unwrap(document: rowObject(row, names), into: &sink), into: &sink)
      }
    }
    return pieces.outcome(into: &sink)
  }

  /// The names of the columns, nil in the place of those that are left out.
  private static func names(of columns: borrowing JSONValue) -> [String?] {
    var names: [String?] = []
    var elements = columns.elements
    while let column = elements.next() {
      let name = column.string("name")
      names.append((name?.utf8.count ?? 0) > AuditLogLimits.columnNameBytesMax ? nil : name)
    }
    return names
  }

  private static func rowObject(_ row: borrowing JSONValue, _ names: [String?]) -> [UInt8] {
    var writer = JSONWriter(capacityBytes: 4 << 10)
    writer.beginObject()
    var cells = row.elements
    for name in names {
      guard let cell = cells.next() else { break }
      if let name, !cell.isNull { writer.field(name, copying: cell) }
    }
    writer.endObject()
    return writer.bytes
  }
}

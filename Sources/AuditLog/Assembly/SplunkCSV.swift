// Splunk's CSV export: a header that names the column _raw, and rows whose quotes may hold line feeds.

/// Reads rows of a CSV file (RFC 4180), line by line.
struct SplunkCSV {
  /// The place of `_raw` among the columns; nil where the export has none.
  let rawColumn: Int?
  /// The line on which the row at hand begins.
  private(set) var rowLine = 0
  private var row: [UInt8] = []
  private var isInQuotes = false

  /// Takes a line as the header of an export; nil when it is none.
  init?(header line: some Collection<UInt8>) {
    guard line.count < 64 << 10, !line.contains(UInt8(ascii: "{")) else { return nil }
    let columns = Self.fields(Array(line)).map { String(decoding: $0, as: UTF8.self) }
    rawColumn = columns.firstIndex(of: "_raw")
    let isFlattened = columns.contains("auditID") && columns.contains("objectRef.resource")
    guard rawColumn != nil || isFlattened else { return nil }
  }

  /// Whether a row has begun and not ended.
  var isOpen: Bool { isInQuotes }

  /// Takes the next line; the text of `_raw` when a row ends with it.
  mutating func add(_ line: some Collection<UInt8>, number: Int, bytesMax: Int) -> [UInt8]? {
    if isInQuotes { row.append(UInt8(ascii: "\n")) } else { rowLine = number }
    for byte in line where byte == UInt8(ascii: "\"") { isInQuotes.toggle() }
    row += line
    guard !isInQuotes || row.count > bytesMax else { return nil }
    defer {
      row.removeAll()
      isInQuotes = false
    }
    let fields = Self.fields(row)
    guard let rawColumn, rawColumn < fields.count else { return nil }
    return fields[rawColumn]
  }

  private static func fields(_ row: [UInt8]) -> [[UInt8]] {
    var fields: [[UInt8]] = [[]]
    var isInQuotes = false
    var place = 0
    while place < row.count {
      let byte = row[place]
      if byte == UInt8(ascii: "\"") {
        if isInQuotes, place + 1 < row.count, row[place + 1] == byte {
          fields[fields.count - 1].append(byte)
          place += 1
        } else {
          isInQuotes.toggle()
        }
      } else if byte == UInt8(ascii: ","), !isInQuotes {
        fields.append([])
      } else {
        fields[fields.count - 1].append(byte)
      }
      place += 1
    }
    return fields
  }
}

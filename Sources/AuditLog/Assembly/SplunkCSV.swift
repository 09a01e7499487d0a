// Splunk's CSV export: a header that names the column _raw, and rows whose quotes may hold line feeds.

/// Reads the column `_raw` of a table (RFC 4180), line by line.
struct SplunkCSV {
  /// What the end of a line brought.
  enum Row {
    case open
    case whole([UInt8])
    case tooLong
  }

  private enum State {
    case unquoted, quoted
    /// Behind a quote in quotes: another one makes it a quote, everything else ends the quoted text.
    case quote
  }

  /// Columns of an export of events without their text; two of them are enough to tell it.
  private static let flattened: Set<String> = [
    "auditID", "objectRef.resource", "objectRef.namespace", "objectRef.name", "requestURI", "user.username", "verb",
  ]

  /// The place of `_raw` among the columns; nil where the export has none.
  let rawColumn: Int?
  /// The line on which the row at hand begins.
  private(set) var rowLine = 0
  private(set) var isOpen = false
  private var state = State.unquoted
  private var column = 0
  private var raw: [UInt8] = []
  private var isTooLong = false

  /// Takes a line as the header of an export; nil when it is none.
  init?(header line: Span<UInt8>) {
    guard line.count <= AuditLogLimits.tableHeaderBytesMax else { return nil }
    let columns = Self.names(line)
    rawColumn = columns.firstIndex(of: "_raw")
    guard rawColumn != nil || columns.count(where: { Self.flattened.contains($0) }) >= 2 else { return nil }
  }

  /// Takes a line of the table, or a piece of one.
  mutating func add(_ line: Span<UInt8>, number: Int, endsLine: Bool, bytesMax: Int) -> Row {
    if !isOpen {
      isOpen = true
      rowLine = number
    }
    for place in 0..<line.count { take(line[place], bytesMax: bytesMax) }
    guard endsLine else { return .open }
    guard state != .quoted else {
      keep(UInt8(ascii: "\n"), bytesMax: bytesMax)
      return .open
    }
    let row = isTooLong ? Row.tooLong : Row.whole(raw)
    raw.removeAll(keepingCapacity: raw.count < 1 << 20)
    (isOpen, isTooLong, state, column) = (false, false, .unquoted, 0)
    return row
  }

  private mutating func take(_ byte: UInt8, bytesMax: Int) {
    let isQuote = byte == UInt8(ascii: "\"")
    switch state {
    case .quoted where isQuote: state = .quote
    case .quoted: keep(byte, bytesMax: bytesMax)
    case .quote where isQuote:
      keep(byte, bytesMax: bytesMax)
      state = .quoted
    case .unquoted where isQuote: state = .quoted
    case .quote, .unquoted:
      state = .unquoted
      if byte == UInt8(ascii: ",") { column += 1 } else { keep(byte, bytesMax: bytesMax) }
    }
  }

  private mutating func keep(_ byte: UInt8, bytesMax: Int) {
    guard column == rawColumn, !isTooLong else { return }
    guard raw.count < bytesMax else {
      isTooLong = true
      raw = []
      return
    }
    raw.append(byte)
  }

  private static func names(_ line: Span<UInt8>) -> [String] {
    var names: [String] = []
    var name: [UInt8] = []
    for place in 0..<line.count {
      switch line[place] {
      case UInt8(ascii: ","):
        names.append(String(decoding: name, as: UTF8.self))
        name = []
      case UInt8(ascii: "\""): break
      default: name.append(line[place])
      }
    }
    return names + [String(decoding: name, as: UTF8.self)]
  }
}

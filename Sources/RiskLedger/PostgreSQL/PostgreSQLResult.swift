// Owns one result of PostgreSQL, and reads its rows.

internal import CPostgreSQL

/// One result; a row of it is `self` at `row`.
@safe
final class PostgreSQLResult: SQLRow {
  private let handle: OpaquePointer
  /// The row at hand.
  var row: Int32 = 0

  init(handle: OpaquePointer) { unsafe self.handle = handle }

  deinit { unsafe PQclear(handle) }

  var status: ExecStatusType { unsafe PQresultStatus(handle) }

  var rowCount: Int32 { unsafe PQntuples(handle) }

  /// The five characters of an error (PostgreSQL, Error Codes); empty where there is none.
  var state: String {
    // PG_DIAG_SQLSTATE
    guard let state = unsafe PQresultErrorField(handle, 67) else { return "" }
    return unsafe String(cString: state)
  }

  /// The first line of an error; those behind it may repeat values.
  var message: String {
    // PG_DIAG_MESSAGE_PRIMARY
    guard let text = unsafe PQresultErrorField(handle, 77) ?? PQresultErrorMessage(handle) else { return "" }
    return unsafe String(cString: text).split(separator: "\n").first.map(String.init) ?? ""
  }

  func integer(at column: Int) -> Int64 { Int64(text(at: column) ?? "") ?? 0 }

  func text(at column: Int) -> String? {
    guard unsafe PQgetisnull(handle, row, Int32(column)) == 0 else { return nil }
    return PostgreSQLText.decode(utf8(at: column, spareBytes: 0))
  }

  func utf8(at column: Int, spareBytes: Int) -> [UInt8] {
    guard let value = unsafe PQgetvalue(handle, row, Int32(column)) else { return [] }
    let count = unsafe Int(PQgetlength(handle, row, Int32(column)))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + spareBytes)
    unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: value, count: count))
    return bytes
  }
}

/// Text as PostgreSQL can keep it: all but the character U+0000.
///
/// `\` is written `\\` and U+0000 `\0`, so that no two texts become one.
enum PostgreSQLText {
  private static let backslash = UInt8(ascii: "\\")

  /// The bytes to store, and a zero behind them.
  static func encode(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 1)
    for byte in text.utf8 {
      switch byte {
      case 0: bytes += [backslash, UInt8(ascii: "0")]
      case backslash: bytes += [backslash, backslash]
      default: bytes.append(byte)
      }
    }
    bytes.append(0)
    return bytes
  }

  static func decode(_ bytes: [UInt8]) -> String {
    guard bytes.contains(backslash) else { return String(decoding: bytes, as: UTF8.self) }
    var text: [UInt8] = []
    var isEscaped = false
    for byte in bytes {
      if isEscaped {
        text.append(byte == backslash ? backslash : 0)
        isEscaped = false
      } else if byte == backslash {
        isEscaped = true
      } else {
        text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

// The values of --ledger.

/// Where risk events are kept.
package enum LedgerURL: Sendable, Equatable {
  /// Nowhere.
  case none
  /// In an SQLite file.
  case sqlite(path: String)
  /// In a PostgreSQL database.
  case postgresql(PostgreSQLAddress)

  /// How a ledger is to be used.
  package enum Access: Sendable {
    /// For recording: the file is made where there is none, and upgraded where it is old.
    case readWrite
    /// For reports, also while a server records.
    case readOnly
  }

  /// Reads `sqlite:PATH`, `postgres://…` or `none`.
  /// - Throws: `LedgerError.malformedURL`.
  package init(_ text: String) throws(LedgerError) {
    if text == "none" {
      self = .none
      return
    }
    guard let colon = text.firstIndex(of: ":") else { throw .malformedURL(Self.shown(text)) }
    let rest = text[text.index(after: colon)...]
    switch text[..<colon].lowercased() {
    case "sqlite":
      guard !rest.isEmpty, !rest.utf8.contains(0) else { throw .malformedURL(text) }
      self = .sqlite(path: String(rest))
    case "postgres", "postgresql":
      // Not a word of it goes into the error: it may carry a password.
      guard rest.hasPrefix("//"), !rest.utf8.contains(0) else { throw .malformedAddress }
      self = .postgresql(PostgreSQLAddress(url: text))
    default: throw .malformedURL(Self.shown(text))
    }
  }

  /// What an error shows of a text that names no ledger: nothing when it looks as if it were to be an address of a
  /// database, which may hold a password.
  private static func shown(_ text: String) -> String {
    let isAddress =
      text.contains("//") || text.contains { "@=?&".contains($0) } || text.count { $0 == ":" } > 1
      || (text.contains(":") && text.lowercased().contains("postgre"))
    return isAddress ? "…" : text
  }

  /// The files of this machine that a ledger keeps, there or not; SQLite has two beside its own (sqlite.org/wal.html).
  package var files: [String] {
    switch self {
    case .none, .postgresql: []
    case .sqlite(let path): [path, "\(path)-wal", "\(path)-shm"]
    }
  }

  /// Opens the ledger for an exporter, or for one who follows it; nil for the one that keeps nothing.
  package func openOutbox() throws(LedgerError) -> (any RiskEventOutbox)? {
    switch self {
    case .none: nil
    case .sqlite(let path): try SQLiteLedger(path: path, access: .readWrite)
    case .postgresql(let address): try PostgreSQLLedger(address, access: .readWrite)
    }
  }

  /// Opens the ledger.
  package func open(_ access: Access) throws(LedgerError) -> any RiskLedger {
    switch self {
    case .none: NullLedger()
    case .sqlite(let path): try SQLiteLedger(path: path, access: access)
    case .postgresql(let address): try PostgreSQLLedger(address, access: access)
    }
  }
}

extension LedgerURL: CustomStringConvertible {
  package var description: String {
    switch self {
    case .none: "none"
    case .sqlite(let path): "sqlite:\(path)"
    case .postgresql(let address): address.description
    }
  }
}

// Why the ledger could not do what was asked, in sentences that say what to do.

/// Why a ledger could not do what was asked.
package enum LedgerError: Error, Equatable, Sendable {
  /// The text names no ledger.
  case malformedURL(String)
  /// The address of a database cannot be read; it is not repeated, as it may hold a password.
  case malformedAddress
  /// The folder of the file does not exist.
  case missingDirectory(path: String)
  /// The file is an SQLite database of something else.
  case foreignDatabase(path: String)
  /// The ledger was written by a newer Hostfence.
  case newerVersion(store: String, found: Int, supported: Int)
  /// The ledger was written by an older Hostfence, and it was opened for reading only.
  case olderVersion(store: String, found: Int, supported: Int)
  /// The file system cannot hold a ledger that is read while it is written.
  case noWriteAheadLog(path: String)
  /// The file was deleted, moved or replaced while it was open.
  case replaced(path: String)
  /// A library that this kind of ledger needs cannot be loaded.
  case missingLibrary(String, reason: String)
  /// The database has no ledger yet, and it was opened for reading only.
  case missingTables(store: String)
  /// The database refused a statement.
  case storage(StorageProblem, StorageFailure)
  /// An event cannot be kept; the reason is a clause.
  case unrecordableEvent(id: String, reason: String)
  /// A stored event cannot be read.
  case unreadableEvent(id: String, store: String)
  /// The database numbered an event as if it had been recorded before one that is there.
  case outOfOrder(store: String)
  /// Too many events are waiting; the limit is in events.
  case overloaded(limitEvents: Int)
  /// Too large events are waiting; the limit is in bytes.
  case overloadedBytes(limitBytes: Int)
  /// The ledger has been closed.
  case closed
}

/// What kind of trouble a database is in, as far as it changes what to do.
package enum StorageProblem: Sendable, Equatable, CaseIterable {
  case diskFull
  case readOnly
  case locked
  case corrupt
  case notADatabase
  case cannotOpen
  case inputOutput
  /// A statement took too long.
  case tooSlow
  /// The server does not answer, or refuses all.
  case unreachable
  /// The server does not let this user in, or not do this.
  case notAllowed
  /// A value breaks a constraint or a size limit: the event is at fault, not the store.
  case valueRefused
  case other
}

/// What a database said.
///
/// Values that were bound to a statement are never part of it.
package struct StorageFailure: Sendable, Equatable {
  /// The file or server.
  package var store: String
  /// The statement, with placeholders; empty where none was run.
  package var statement: String
  /// The database's own code, in its most detailed form, and whose it is: `SQLite 13`, `SQLSTATE 53100`.
  package var code: String
  /// The database's own words.
  package var message: String

  /// Creates a failure from what a database said.
  package init(store: String, statement: String, code: String, message: String) {
    self.store = store
    self.statement = statement
    self.code = code
    self.message = message
  }
}

extension LedgerError {
  /// Whether the store may take other events: it is worth trying the neighbours one by one.
  var mayConcernOneSubmission: Bool {
    switch self {
    case .unrecordableEvent, .storage(.valueRefused, _), .storage(.diskFull, _): true
    default: false
    }
  }

  /// Whether the store is well and an event was at fault.
  var concernsEventOnly: Bool {
    switch self {
    case .unrecordableEvent, .storage(.valueRefused, _): true
    default: false
    }
  }

  /// Whether the connection is of no more use; a lock or a full disk passes without a new one.
  var needsReopening: Bool {
    switch self {
    case .storage(.locked, _), .storage(.tooSlow, _), .storage(.diskFull, _): false
    default: !concernsEventOnly
    }
  }
}

extension LedgerError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformedURL(let text):
      "\"\(text)\" names no ledger; write sqlite:PATH for a file, postgres://USER@HOST/DATABASE, or none"
    case .malformedAddress:
      "the postgres:// address of the ledger cannot be read; write postgres://USER@HOST/DATABASE?PARAMETER=VALUE, "
        + "with special characters as %XX"
    case .missingDirectory(let path):
      "the directory of the ledger \(path) does not exist; create it, owned by the user that runs Hostfence"
    case .foreignDatabase(let path):
      "\(path) is an SQLite database, but not a Hostfence ledger; name another file, it has been left as it was"
    case .newerVersion(let store, let found, let supported):
      "the ledger \(store) has version \(found) and this Hostfence knows versions up to \(supported); use a newer Hostfence"
    case .olderVersion(let store, let found, let supported):
      "the ledger \(store) has version \(found) and this Hostfence reads version \(supported); "
        + "open it once with hostfence serve, which upgrades it"
    case .noWriteAheadLog(let path):
      "the file system of the ledger \(path) has no shared memory for SQLite's write-ahead log; "
        + "put the ledger on a local file system"
    case .replaced(let path):
      "the ledger \(path) was deleted, moved or replaced while it was open; put it back, or leave it and a new one is made"
    case .missingLibrary(let name, let reason):
      "the ledger needs \(name), which cannot be loaded (\(reason)); install Debian's libpq5"
    case .missingTables(let store):
      "there is no ledger in \(store) yet; open it once with hostfence serve or replay, which make it"
    case .storage(let problem, let failure): "\(problem.sentence(failure.store)) (\(failure.details))"
    case .unrecordableEvent(let id, let reason): "the risk event \(id) cannot be recorded: \(reason)"
    case .unreadableEvent(let id, let store):
      "the risk event \(id) in the ledger \(store) cannot be read; restore the ledger from a backup, or delete that row"
    case .outOfOrder(let store):
      "the ledger \(store) hands out the numbers of events in blocks, each connection its own, so that delivery would leave "
        + "events out; let it number one by one (YugabyteDB: ysql_sequence_cache_minval=1)"
    case .overloaded(let limit):
      "\(limit) risk events are waiting to be written; the ledger is too slow for so many requests"
    case .overloadedBytes(let limit):
      "risk events of \(limit >> 20) MiB are waiting to be written; the ledger is too slow for requests so large"
    case .closed: "the ledger has been closed, because the server is shutting down"
    }
  }
}

extension StorageProblem {
  fileprivate func sentence(_ store: String) -> String {
    switch self {
    case .diskFull: "the ledger \(store) cannot grow because its disk is full; free some space"
    case .readOnly:
      "the ledger \(store) cannot be written; make its file and directory writable, or its database accept writes"
    case .locked: "the ledger \(store) is locked by another process; find who holds it, or wait"
    case .tooSlow: "the ledger \(store) did not finish in time; look for what keeps its server busy"
    case .corrupt: "the ledger \(store) is damaged; restore it from a backup, or move it away to start a new one"
    case .notADatabase: "\(store) is not an SQLite database; name another file, it has been left as it was"
    case .cannotOpen: "the ledger \(store) cannot be opened; check that it exists and who may use it and its directory"
    case .inputOutput: "the disk of the ledger \(store) failed; check the kernel's log and the file system"
    case .valueRefused: "the ledger \(store) refused a value; report this as a bug of Hostfence"
    case .unreachable: "the ledger \(store) cannot be reached; check its address, its server and the network between"
    case .notAllowed:
      "the ledger \(store) does not let Hostfence in; check the user, the password, the database and its grants"
    case .other: "the ledger \(store) failed; if it goes on, restart Hostfence and report this"
    }
  }
}

extension StorageFailure {
  fileprivate var details: String {
    let result = "\(code): \(message)"
    guard !statement.isEmpty else { return result }
    let limit = LedgerLimits.statementCharactersMax
    let words = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return "\(words.count > limit ? "\(words.prefix(limit))…" : words): \(result)"
  }
}

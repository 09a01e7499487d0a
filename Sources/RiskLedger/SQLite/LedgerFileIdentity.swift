// Tells whether a file is still the one that was opened.

internal import Glibc

/// Which files stand under a ledger's names: SQLite goes on writing into files that have been deleted.
struct LedgerFileIdentity: Equatable {
  private struct File: Equatable {
    let device: UInt
    let inode: UInt
  }

  let path: String
  private let database: File?
  /// While a connection is open nobody removes the log in an orderly way.
  private let log: File?

  /// Looks at the database at `path` and at its write-ahead log.
  init(of path: String) {
    self.path = path
    database = Self.file(path)
    log = Self.file(path + "-wal")
  }

  private static func file(_ path: String) -> File? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return File(device: UInt(status.st_dev), inode: UInt(status.st_ino))
  }
}

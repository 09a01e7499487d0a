// What the system knows of a path.

internal import Glibc

/// What `stat` says of a file.
package struct FileStatus {
  /// Tells files apart, whatever their names.
  package struct Identity: Hashable {
    var device: UInt
    var inode: UInt
  }

  enum Kind {
    case regular
    case folder
    /// A pipe, a terminal, another device, a socket.
    case stream
  }

  /// Which file it is.
  package var identity: Identity
  var kind: Kind
  var size: Int
  /// Microseconds since the epoch.
  var modified: Int64

  /// Follows symbolic links; nil, with the reason in `errno`, when there is no such file.
  package static func of(_ path: String) -> FileStatus? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return FileStatus(status)
  }

  /// The file behind an open descriptor.
  static func of(descriptor: Int32) -> FileStatus? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    return FileStatus(status)
  }

  static func isSymbolicLink(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFLNK
  }

  /// Why the last call failed.
  static var failure: String { unsafe String(cString: strerror(errno)) }

  private init(_ status: stat) {
    identity = Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      default: .stream
      }
    size = Int(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1_000
  }
}

// How many files and connections the process may have open.

internal import Glibc

/// The process's limit on open files.
enum FileDescriptors {
  /// As many as there are connections in the server's bounds, and more.
  private static let wanted: rlim_t = 65_536

  /// Raises the limit as far as the system lets the process: the usual 1,024 are fewer than the connections that a server
  /// takes, and a server without descriptors accepts nobody.
  static func raiseLimit() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else {
      return
    }
    limit.rlim_cur = min(limit.rlim_max, wanted)
    // Where it is refused, the limit stays what it was.
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

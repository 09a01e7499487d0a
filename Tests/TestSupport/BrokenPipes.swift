// A child that ends before it has read its input must not end the tests.

internal import Glibc

/// What happens to a process that writes to a pipe without a reader.
package enum BrokenPipes {
  /// Makes it an error of that write; the default is the end of the process.
  package static func ignore() { signal(SIGPIPE, SIG_IGN) }
}

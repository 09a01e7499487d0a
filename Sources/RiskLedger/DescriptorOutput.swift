// Writes lines to a file descriptor whose reader may be slow or gone.

internal import Glibc

/// The writing end of a pipe, a terminal or a file that somebody else reads.
///
/// The descriptor is left in blocking mode, as other processes may share it: `poll` is asked first, and no more is
/// written than a pipe that has room takes without blocking.
package struct DescriptorOutput {
  /// How one line ended.
  package enum Outcome: Equatable {
    case written
    /// The caller did not want to wait any longer.
    case abandoned
    /// The system refused, with this `errno`.
    case failed(Int32)
  }

  /// Bytes per call.
  ///
  /// Linux reports a pipe as writable when it has room for this much (pipe(7), `PIPE_BUF`).
  private static let chunkBytes = 4_096

  /// Milliseconds between questions to the caller whether to go on waiting.
  private static let waitMilliseconds: Int32 = 100

  private let descriptor: Int32
  /// Whether the last line was cut off.
  private var isMidLine = false

  /// Writes to a descriptor that stays the caller's.
  package init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Writes a whole line; a line that was cut off before it is ended first.
  ///
  /// - Parameter mayWait: asked again and again while the reader takes nothing.
  package mutating func write(line: [UInt8], mayWait: () -> Bool) -> Outcome {
    if isMidLine {
      let outcome = write([UInt8(ascii: "\n")], mayWait)
      guard outcome == .written else { return outcome }
    }
    return write(line, mayWait)
  }

  private mutating func write(_ bytes: [UInt8], _ mayWait: () -> Bool) -> Outcome {
    var written = 0
    while written < bytes.count {
      guard waitForRoom(mayWait) else { return .abandoned }
      let count = unsafe bytes[written...].prefix(Self.chunkBytes).withUnsafeBytes { chunk in
        unsafe Glibc.write(descriptor, chunk.baseAddress, chunk.count)
      }
      if count > 0 {
        written += count
        isMidLine = written < bytes.count
      } else if count < 0, errno != EINTR, errno != EAGAIN {
        return .failed(errno)
      }
    }
    return .written
  }

  /// Returns once a write will not block, or would fail; false when the caller is tired of waiting.
  private func waitForRoom(_ mayWait: () -> Bool) -> Bool {
    while true {
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let ready = unsafe poll(&request, 1, Self.waitMilliseconds)
      if ready > 0 || (ready < 0 && errno != EINTR) { return true }
      guard mayWait() else { return false }
    }
  }
}

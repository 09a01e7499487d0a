// Writes lines to a file descriptor whose reader may be slow or gone.

internal import Glibc

/// The writing end of a pipe, a terminal or a file that somebody else reads.
///
/// The descriptor is left in blocking mode, as other processes may share it: `poll` is asked first, and no more is
/// written than a pipe that has room takes without blocking.
package struct DescriptorOutput {
  /// What became of lines.
  package struct Outcome: Equatable {
    /// Why no more were written.
    package enum End: Equatable {
      /// There were no more.
      case written
      /// The caller did not want to wait any longer.
      case abandoned
      /// The system refused, with this `errno`.
      case failed(Int32)
    }

    package var end: End
    /// How many bytes of them were written.
    package var writtenBytes: Int
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

  /// Writes whole lines, the last one with its line feed; a line that was cut off before them is ended first.
  ///
  /// - Parameter mayWait: asked again and again before more is written, and while the reader takes nothing.
  package mutating func write(lines: [UInt8], mayWait: () -> Bool) -> Outcome {
    if isMidLine {
      let outcome = write([UInt8(ascii: "\n")], mayWait)
      guard outcome.end == .written else { return Outcome(end: outcome.end, writtenBytes: 0) }
    }
    return write(lines, mayWait)
  }

  private mutating func write(_ bytes: [UInt8], _ mayWait: () -> Bool) -> Outcome {
    var written = 0
    while written < bytes.count {
      // A reader that is slow but not stuck must not keep anybody longer than agreed either.
      guard written == 0 || mayWait(), waitForRoom(mayWait) else {
        return Outcome(end: .abandoned, writtenBytes: written)
      }
      let count = unsafe bytes[written...].prefix(Self.chunkBytes).withUnsafeBytes { chunk in
        unsafe Glibc.write(descriptor, chunk.baseAddress, chunk.count)
      }
      if count > 0 {
        written += count
        isMidLine = bytes[written - 1] != UInt8(ascii: "\n")
      } else if count < 0, errno != EINTR, errno != EAGAIN {
        return Outcome(end: .failed(errno), writtenBytes: written)
      }
    }
    return Outcome(end: .written, writtenBytes: written)
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

// A pipe or another stream that is read as bytes arrive.

internal import Compression
internal import Glibc

/// Reads a stream without waiting for it.
final class FollowedStream: FollowedLog {
  private let path: String
  private var descriptor: Int32
  private var isAtBeginning = true

  init(_ file: LogFile) {
    path = file.path
    descriptor = path == LogFile.standardInputPath ? STDIN_FILENO : -1
  }

  deinit { if descriptor > STDIN_FILENO { close(descriptor) } }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> FollowedPiece {
    if descriptor < 0 {
      descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { return .ended(problem: "cannot be opened: \(FileStatus.failure)") }
    }
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&request, 1, 0) > 0 else { return .nothing }
    let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    guard count >= 0 else {
      return errno == EINTR || errno == EAGAIN ? .nothing : .ended(problem: "cannot be read: \(FileStatus.failure)")
    }
    guard count > 0 else { return .ended(problem: nil) }
    defer { isAtBeginning = false }
    if isAtBeginning, let problem = unsafe GrowingFile.problem(withHead: buffer[..<count]) {
      return .ended(problem: problem)
    }
    return .bytes(count)
  }
}

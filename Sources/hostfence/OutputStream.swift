// A report on its way to a file or to standard output, piece by piece.

internal import Glibc
internal import Reports

/// Gathers small pieces and writes them in large ones.
final class OutputStream {
  private static let bufferBytes = 64 << 10

  private let descriptor: Int32
  /// Nil is standard output.
  private let file: String?
  private let isTerminal: Bool
  private var buffer: [UInt8] = []
  /// Whether the reader of standard output has gone away, which is no failure (as in `hostfence replay log | head`).
  private(set) var isUnread = false

  /// Opens a file, or standard output.
  ///
  /// - Throws: `Failure` when the file cannot be written.
  init(_ file: String?) throws(Failure) {
    self.file = file
    guard let file else {
      descriptor = STDOUT_FILENO
      isTerminal = isatty(descriptor) == 1
      return
    }
    descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    isTerminal = isatty(descriptor) == 1
    guard descriptor >= 0 else {
      throw Failure("\(file) cannot be written: \(unsafe String(cString: strerror(errno)))")
    }
  }

  deinit { if file != nil { Glibc.close(descriptor) } }

  /// Colours on a terminal only.
  var style: TextStyle { file == nil ? StandardStream.output.style : TextStyle(isColoured: false) }

  /// The width of the terminal, or nil where there is none.
  var widthColumns: Int? { file == nil ? StandardStream.output.widthColumns : nil }

  /// Writes a piece, now or with later ones; at once on a terminal.
  ///
  /// - Throws: `Failure` when it cannot be written.
  func write(_ bytes: [UInt8]) throws(Failure) {
    buffer += bytes
    if buffer.count >= Self.bufferBytes || isTerminal { try flush() }
  }

  /// Writes what was gathered.
  func flush() throws(Failure) {
    var start = 0
    // On a terminal the line that shows progress stands where this is to be.
    if file == nil, isTerminal, !buffer.isEmpty, isatty(STDERR_FILENO) == 1 {
      StandardStream.error.write(ReplayProgressLine.erasure)
    }
    while start < buffer.count, !isUnread {
      let count = unsafe buffer[start...].withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { start += count }
      guard count <= 0, errno != EINTR else { continue }
      guard file == nil, errno == EPIPE else {
        throw Failure("\(file ?? "the report") cannot be written: \(unsafe String(cString: strerror(errno)))")
      }
      isUnread = true
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes what was gathered and sees that the file has it.
  func close() throws(Failure) {
    try flush()
    // A full disk may show only here.
    guard file == nil || fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
      throw Failure("\(file ?? "") cannot be written: \(unsafe String(cString: strerror(errno)))")
    }
  }
}

// Standard output and standard error, written whole.

internal import Glibc
internal import Reports

/// One of the two output streams.
enum StandardStream: Sendable {
  case output
  case error

  private var descriptor: Int32 {
    switch self {
    case .output: STDOUT_FILENO
    case .error: STDERR_FILENO
    }
  }

  /// Readies the streams of a process: nobody else's file may take their numbers, and a reader that goes away is an error
  /// of one write rather than the end of the process.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    while true {
      let descriptor = unsafe open("/dev/null", O_RDWR)
      guard descriptor >= 0, descriptor <= STDERR_FILENO else {
        close(descriptor)
        return
      }
    }
  }

  /// Writes text for people; what cannot be written is lost.
  func write(_ text: String) { write(Array(text.utf8)) }

  /// Writes bytes for people; as above.
  func write(_ bytes: [UInt8]) { _ = writeAll(bytes) }

  /// Writes a report; a reader that has gone away is no failure (as in `hostfence check . | head`).
  ///
  /// - Throws: `Failure` when the report cannot be written.
  func deliver(_ bytes: [UInt8]) throws(Failure) {
    let code = writeAll(bytes)
    guard code == 0 || code == EPIPE else {
      throw Failure("the report cannot be written: \(unsafe String(cString: strerror(code)))")
    }
  }

  /// Writes all bytes, and gives 0 or the error that stopped it.
  private func writeAll(_ bytes: [UInt8]) -> Int32 {
    unsafe bytes.withUnsafeBytes { buffer in
      var rest = unsafe buffer[...]
      while unsafe !rest.isEmpty {
        let count = unsafe Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return count < 0 ? errno : EIO }
        unsafe rest = rest.dropFirst(count)
      }
      return 0
    }
  }

  /// Colours on a terminal, unless NO_COLOR says otherwise (https://no-color.org).
  var style: TextStyle {
    let isUnwanted = unsafe getenv("NO_COLOR") != nil
    return TextStyle(isColoured: isTerminal && !isUnwanted)
  }

  /// Whether somebody looks at it.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The width of the terminal, or nil where there is none that knows it.
  var widthColumns: Int? {
    var size = winsize()
    guard isTerminal, unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

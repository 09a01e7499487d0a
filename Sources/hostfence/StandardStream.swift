// Standard output and standard error, written whole or not at all.

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

  /// Writes text; a reader that has gone away is no failure (as in `hostfence check . | head`).
  func write(_ text: String) { write(Array(text.utf8)) }

  /// Writes bytes; as above.
  func write(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { buffer in
      var rest = unsafe buffer[...]
      while unsafe !rest.isEmpty {
        let count = unsafe Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        unsafe rest = rest.dropFirst(count)
      }
    }
  }

  /// Colours on a terminal, unless NO_COLOR says otherwise (https://no-color.org).
  var style: TextStyle {
    let isUnwanted = unsafe getenv("NO_COLOR") != nil
    return TextStyle(isColoured: isatty(descriptor) == 1 && !isUnwanted)
  }
}

// What the system says of its errors.

internal import Glibc

/// The system's words for the values of `errno`.
package enum SystemError {
  /// The words for an error number.
  package static func text(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}

// When a server wants to be asked again.

internal import Evaluation

/// `Retry-After`, in both of its forms (RFC 9110, section 10.2.3).
enum RetryAfter {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// Seconds to wait; nil where the server does not say, or says it by a date without telling its own clock.
  ///
  /// - Parameters:
  ///   - text: the header.
  ///   - date: the header `Date` of the same answer.
  static func seconds(_ text: String?, date: String?) -> Int? {
    guard let text else { return nil }
    if let seconds = Int(text) { return max(0, seconds) }
    // By the server's own clock, which may differ from ours.
    guard let wanted = moment(text), let now = date.flatMap(moment) else { return nil }
    return max(0, Int((wanted.microseconds - now.microseconds) / 1_000_000))
  }

  /// Reads a date as servers write it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
  private static func moment(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else { return nil }
    return Timestamp(rfc3339: "\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])T\(parts[4])Z")
  }
}

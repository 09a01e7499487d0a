// Times and durations as policy files write them.

package import Evaluation

/// Reads moments and durations.
package enum PolicyMoment {
  /// A date is its first moment in UTC; all else is RFC 3339.
  package static func read(_ text: String) -> Timestamp? {
    Timestamp(rfc3339: text.utf8.count == "2027-06-30".utf8.count ? "\(text)T00:00:00Z" : text)
  }

  /// `30d`, `24h`, `15m` or `90s`, in seconds; nil for anything else.
  package static func seconds(_ text: String) -> Int64? {
    guard let unit = text.last, let count = Int64(text.dropLast()), (1...999_999).contains(count) else { return nil }
    switch unit {
    case "s": return count
    case "m": return count * 60
    case "h": return count * 3_600
    case "d": return count * 86_400
    default: return nil
    }
  }
}

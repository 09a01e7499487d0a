// Time that nobody sets.

internal import Glibc

/// The clock for measuring how long something takes.
package enum MonotonicClock {
  /// Milliseconds since some moment of the past.
  package static func milliseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
  }
}

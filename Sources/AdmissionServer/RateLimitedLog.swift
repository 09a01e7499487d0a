// Lines of the log that clients bring about, a bounded number of them.

internal import Logging
internal import NIOCore
internal import Threads

/// Writes some lines of each kind in each period, and then how many were left out.
final class RateLimitedLog: Sendable {
  private struct Period {
    var begin: NIODeadline
    var written = 0
    var leftOut = 0
  }

  private let logger: Logger
  private let now: @Sendable () -> NIODeadline
  private let periods = Monitor<[String: Period]>([:])

  init(_ logger: Logger, now: @escaping @Sendable () -> NIODeadline = { .now() }) {
    self.logger = logger
    self.now = now
  }

  /// Writes a line, unless there were too many of this message lately; the messages are the program's own, and few.
  func write(_ message: String, _ metadata: [String: String]) {
    let now = now()
    let leftOut: Int? = periods.withLock { periods in
      var period = periods[message] ?? Period(begin: now)
      defer { periods[message] = period }
      var leftOut = 0
      if now - period.begin > .seconds(ServerLimits.noticePeriodSeconds) {
        leftOut = period.leftOut
        period = Period(begin: now)
      }
      guard period.written < ServerLimits.noticesMax else {
        period.leftOut += 1
        return nil
      }
      period.written += 1
      return leftOut
    }
    guard let leftOut else { return }
    var fields = metadata.mapValues { Logger.MetadataValue.string($0) }
    if leftOut > 0 { fields["leftOutBefore"] = "\(leftOut)" }
    logger.info("\(message)", metadata: fields)
  }
}

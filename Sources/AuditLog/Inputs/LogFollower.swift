// Reads logs that are being written, through all their rotations.

internal import Glibc

/// Follows files from their beginning, like `tail -F`; used by one thread at a time.
///
/// A file that has more to give is read on before the next one is looked at, so the past comes in the order of the
/// files, and the present as it is written. Rotation by renaming and by copying and truncating is noticed at the next
/// look, a fifth of a second later at most; of several rotations between two looks only the last file is found.
/// A file that is gone is waited for. Pipes are read until they are closed.
package final class LogFollower {
  private let pause: () -> Void
  /// Nil when nothing more comes.
  private var files: [(any FollowedLog)?]
  private var current = 0
  /// Files in a row that had nothing.
  private var quietCount = 0

  /// Follows files.
  ///
  /// - Parameter pause: called when there is nothing new; sleeps for `AuditLogLimits.followPauseMilliseconds`.
  package init(_ files: [LogFile], pause: @escaping () -> Void = LogFollower.sleep) {
    self.pause = pause
    self.files = files.map { file -> any FollowedLog in
      if file.isRegular { GrowingFile(file.path) } else { FollowedStream(file) }
    }
  }

  /// What happens next; waits, if at all, for one pause.
  ///
  /// - Parameter buffer: for bytes; not empty.
  package func next(into buffer: UnsafeMutableRawBufferPointer) -> FollowEvent {
    while quietCount < files.count {
      guard let log = files[current] else {
        skip()
        continue
      }
      switch unsafe log.read(into: buffer) {
      case .bytes(let count):
        quietCount = 0
        return .bytes(count: count, file: current)
      case .restarted:
        quietCount = 0
        return .restarted(file: current)
      case .ended(let problem):
        files[current] = nil
        return .ended(file: current, problem: problem)
      case .nothing: skip()
      }
    }
    quietCount = 0
    guard files.contains(where: { $0 != nil }) else { return .finished }
    pause()
    return .idle
  }

  private func skip() {
    quietCount += 1
    current = (current + 1) % files.count
  }

  /// Sleeps between two looks; ended early by a signal.
  package static func sleep() {
    var time = timespec(tv_sec: 0, tv_nsec: AuditLogLimits.followPauseMilliseconds * 1_000_000)
    unsafe nanosleep(&time, nil)
  }
}

/// What one look at a log gave.
enum FollowedPiece: Equatable {
  case bytes(Int)
  case restarted
  case nothing
  case ended(problem: String?)
}

/// A log that is followed.
protocol FollowedLog: AnyObject {
  /// Reads what is new; never waits.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> FollowedPiece
}

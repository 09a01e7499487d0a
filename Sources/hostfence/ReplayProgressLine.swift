// The line that shows how far a replay is, on terminals only.

internal import AuditLog
internal import Glibc
internal import Reports
internal import Threads

/// Draws and redraws one line on standard error.
struct ReplayProgressLine {
  private static let millisecondsBetweenDrawings = 200

  /// What takes the line away.
  static let erasure = "\r\u{1B}[K"

  private let totalBytes: Int
  private let width: Int?
  private let start = MonotonicClock.milliseconds()
  private var lastDrawing = 0

  /// Prepares a line; 0 bytes in all means that nobody knows how many.
  init(totalBytes: Int) {
    self.totalBytes = totalBytes
    width = StandardStream.error.isTerminal ? max(20, StandardStream.error.widthColumns ?? 0) : nil
  }

  /// Draws the line anew, unless that was done a moment ago.
  mutating func show(_ position: ReplayPosition) {
    show(bytes: position.bytes, events: position.events, findings: position.findings)
  }

  /// As above, for work that finds nothing and only goes through bytes.
  mutating func show(bytes: Int, events: Int? = nil, findings: Int? = nil) {
    guard let width else { return }
    let now = MonotonicClock.milliseconds()
    guard now - lastDrawing >= Self.millisecondsBetweenDrawings else { return }
    lastDrawing = now
    let line = ReplayProgress.line(
      bytesDone: bytes,
      bytesTotal: totalBytes,
      elapsedSeconds: Double(now - start) / 1_000,
      events: events,
      findings: findings,
      width: width
    )
    StandardStream.error.write("\r\(line)\u{1B}[K")
  }

  /// Takes the line away.
  func end() {
    if width != nil, lastDrawing > 0 { StandardStream.error.write(Self.erasure) }
  }
}

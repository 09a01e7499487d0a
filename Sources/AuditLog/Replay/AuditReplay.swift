// A whole replay: files in, findings out.

internal import Evaluation

/// How far a replay is.
package struct ReplayPosition: Sendable, Equatable {
  /// As read from the disk, compressed where the files are.
  package var bytes: Int
  package var events: Int
  package var findings: Int
  package var file: String
}

extension ReplayEngine {
  /// Replays files in the order given, on all cores.
  ///
  /// - Parameters:
  ///   - threads: how many scan, at best one for each core.
  ///   - progress: called a few times a second, and may end the replay by returning false.
  package func replay(_ files: [LogFile], threads: Int, progress: (ReplayPosition) -> Bool) {
    let pool = ScanPool(files, settings: settings, threads: threads)
    defer { pool.cancel() }
    var segmentsBeforeProgress = 0
    var file = ""
    while true {
      var isQuiet = false
      switch pool.next(timeoutMilliseconds: 100) {
      case .end: return
      case .timeout: isQuiet = true
      case .segment(let scanned):
        file = files[scanned.segment.file].name
        apply(scanned, file: file)
      }
      segmentsBeforeProgress -= 1
      guard isQuiet || segmentsBeforeProgress < 0 else { continue }
      segmentsBeforeProgress = Self.segmentsBetweenProgress
      let position = ReplayPosition(
        bytes: summary.bytes,
        events: summary.coverage.events,
        findings: summary.findings,
        file: file
      )
      guard progress(position) else { return }
    }
  }

  /// Replays a log that is in memory, as one file.
  package func replay(text: [UInt8], file: String) {
    let scanner = SegmentScanner(settings)
    let buffer = SegmentBuffer()
    while buffer.capacity < text.count { buffer.grow(keeping: 0) }
    unsafe buffer.room(from: 0).copyBytes(from: text)
    begin(file: file)
    apply(
      unsafe scanner.scan(
        buffer.text(text.count),
        continuesLine: false,
        end: text.last == UInt8(ascii: "\n") ? .lineFeed : .cut
      )
    )
    endFile()
  }

  /// Segments after which progress is told of, if nothing takes longer: about 16 MiB of a log.
  private static var segmentsBetweenProgress: Int { 64 }

  private func apply(_ scanned: ScannedSegment, file: String) {
    if scanned.segment.isFirst { begin(file: file) }
    add(bytes: scanned.segment.bytesRead)
    apply(scanned.result)
    if scanned.segment.isLast { endFile() }
    if let problem = scanned.segment.problem { receive(problem: problem, with: file) }
  }
}

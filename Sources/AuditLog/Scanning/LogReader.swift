// Reads the files of a replay one after the other, in segments that end where lines end.

internal import Compression

/// A segment of a file, in a buffer.
struct LogSegment: Sendable {
  /// The place of the file among the files of the replay.
  var file: Int
  /// Bytes of the segment.
  var count: Int
  var isFirst: Bool
  var isLast: Bool
  /// Whether the first line began in the segment before.
  var continuesLine: Bool
  var end: SegmentEnd
  /// Bytes read from the disk for it, compressed where the file is.
  var bytesRead: Int
  /// Why nothing more comes of the file.
  var problem: String?
}

/// Reads files; used by one thread at a time.
final class LogReader {
  private let files: [LogFile]
  private let lineBytesMax: Int
  private var current = -1
  private var reader: DecompressingReader?
  private var cutter: LineCutter
  private var bytesRead = 0
  private var continuesLine = false

  /// Will read files in this order.
  init(_ files: [LogFile], lineBytesMax: Int) {
    self.files = files
    self.lineBytesMax = lineBytesMax
    cutter = LineCutter(lineBytesMax: lineBytesMax)
  }

  /// Reads the next segment; nil when all files were read.
  func next(into buffer: SegmentBuffer) -> LogSegment? {
    let isFirst = reader == nil
    if isFirst {
      current += 1
      guard files.indices.contains(current) else { return nil }
      cutter = LineCutter(lineBytesMax: lineBytesMax)
      bytesRead = 0
      do throws(InputError) {
        reader = try files[current].open()
      } catch {
        return LogSegment(
          file: current,
          count: 0,
          isFirst: true,
          isLast: true,
          continuesLine: false,
          end: .lineFeed,
          bytesRead: 0,
          problem: error.description
        )
      }
    }
    var problem: String?
    let cut = unsafe cutter.fill(buffer) { room in
      do throws(InputError) {
        return try unsafe reader?.read(into: room) ?? 0
      } catch {
        problem = error.description
        return 0
      }
    }
    let bytesSoFar = reader?.compressedBytesRead ?? 0
    defer { bytesRead = bytesSoFar }
    if cut.isEnd { reader = nil }
    defer { continuesLine = cut.isOpen && !cut.isEnd }
    return LogSegment(
      file: current,
      count: cut.count,
      isFirst: isFirst,
      isLast: cut.isEnd,
      continuesLine: continuesLine && !isFirst,
      end: cut.isOpen ? (cut.isEnd ? .cut : .open) : .lineFeed,
      bytesRead: bytesSoFar - bytesRead,
      problem: problem
    )
  }
}

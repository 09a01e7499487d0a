// A log cut into what one request takes.

internal import Compression

/// What was read of a log and not forwarded yet.
struct LogText {
  private let reader: DecompressingReader
  private(set) var bytes: [UInt8] = []
  private var chunk = [UInt8](repeating: 0, count: CollectorLimits.chunkBytes)
  private var isAtEnd = false

  init(reader: DecompressingReader) { self.reader = reader }

  /// Reads until there are so many bytes, or no more.
  mutating func fill(to count: Int) throws(LogForwarderError) {
    while bytes.count < count, !isAtEnd {
      do throws(InputError) {
        let read = try unsafe chunk.withUnsafeMutableBufferPointer { (buffer) throws(InputError) in
          try unsafe reader.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        bytes += chunk[..<read]
        isAtEnd = read == 0
      } catch {
        throw .unreadable(error)
      }
    }
  }

  /// Leaves out what comes before an offset; false when the log is shorter.
  mutating func skip(to offset: Int64) throws(LogForwarderError) -> Bool {
    var left = offset
    while left > 0 {
      try fill(to: 1)
      guard !bytes.isEmpty else { return false }
      let count = Int(min(Int64(bytes.count), left))
      bytes.removeFirst(count)
      left -= Int64(count)
    }
    return true
  }

  /// The next lines, as many as fit into one request, and how many bytes they take; nil at the end.
  ///
  /// A line that is longer than a request may be goes out alone: the collector says whether it takes it.
  mutating func next(name: String, at offset: Int64) throws(LogForwarderError) -> (lines: CollectorBatch, bytes: Int)? {
    let count = try end()
    guard count > 0 else { return nil }
    var items: [CollectorBatch.Item] = []
    var start = 0
    while start < count {
      let line = bytes[start..<count].prefix { $0 != UInt8(ascii: "\n") }
      let next = min(line.endIndex + 1, count)
      // A collector refuses what has nothing but blanks.
      if line.contains(where: { $0 > UInt8(ascii: " ") }) {
        items.append(
          CollectorBatch.Item(id: "byte \(offset + Int64(start)) of \(name)", bytes: Array(bytes[start..<next]))
        )
      }
      start = next
    }
    bytes.removeFirst(count)
    return (CollectorBatch(items: items[...]), count)
  }

  /// Where the next request ends.
  private mutating func end() throws(LogForwarderError) -> Int {
    try fill(to: CollectorLimits.batchBytesMax + 1)
    if bytes.count <= CollectorLimits.batchBytesMax { return bytes.count }
    if let end = Self.cut(bytes, limit: CollectorLimits.batchBytesMax) { return end }
    // No line ends in a whole request: this one goes alone.
    var searched = 0
    while searched < bytes.count {
      if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) { return end + 1 }
      searched = bytes.count
      if searched >= CollectorLimits.lineBytesMax { return searched }
      try fill(to: searched + 1)
    }
    return searched
  }

  /// The last place within a limit behind which a line begins, where it can be one that begins an object; nil for none.
  ///
  /// - Parameter bytes: more of them than the limit.
  static func cut(_ bytes: [UInt8], limit: Int) -> Int? {
    var last: Int?
    for place in stride(from: limit, to: 0, by: -1) where bytes[place - 1] == UInt8(ascii: "\n") {
      // Lines of an object that is written over several are indented, or close it.
      switch bytes[place] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "}"), UInt8(ascii: "]"): last = last ?? place
      default: return place
      }
    }
    return last
  }
}

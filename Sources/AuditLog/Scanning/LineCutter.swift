// Cuts a stream of bytes into segments that end where lines end.

/// Fills buffers with whole lines and keeps what is left of the last one for the next buffer.
struct LineCutter {
  /// A filled buffer.
  struct Cut: Equatable {
    /// Bytes in the buffer.
    var count: Int
    /// Whether the stream ended.
    var isEnd: Bool
    /// Whether the last line goes on behind these bytes, or was cut off by the end of the stream.
    var isOpen: Bool
  }

  private let lineBytesMax: Int
  private var carried: [UInt8] = []

  init(lineBytesMax: Int) { self.lineBytesMax = lineBytesMax }

  /// Fills a buffer; a line that is longer than `lineBytesMax` comes in pieces.
  ///
  /// - Parameter read: reads up to as many bytes as there is room for; 0 at the end.
  mutating func fill(_ buffer: SegmentBuffer, _ read: (UnsafeMutableRawBufferPointer) -> Int) -> Cut {
    buffer.shrink()
    while buffer.capacity < carried.count { buffer.grow(keeping: 0) }
    unsafe carried.withUnsafeBytes { unsafe buffer.room(from: 0).copyMemory(from: $0) }
    var count = carried.count
    carried.removeAll(keepingCapacity: carried.count <= AuditLogLimits.segmentBytes)
    var searched = 0
    while true {
      while count < buffer.capacity {
        let added = unsafe read(buffer.room(from: count))
        guard added > 0 else {
          let last = unsafe buffer.text(count).last
          return Cut(count: count, isEnd: true, isOpen: last != nil && last != UInt8(ascii: "\n"))
        }
        count += added
      }
      if let end = unsafe Self.endOfLastLine(buffer.text(count), from: searched) {
        unsafe carried += buffer.text(count)[end...]
        return Cut(count: end, isEnd: false, isOpen: false)
      }
      searched = count
      guard buffer.capacity < lineBytesMax else { return Cut(count: count, isEnd: false, isOpen: true) }
      buffer.grow(keeping: count)
    }
  }

  private static func endOfLastLine(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
    unsafe text[start...].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
  }
}

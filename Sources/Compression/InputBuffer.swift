// The compressed bytes that were read and not yet decoded.

/// Memory that a source is read into and a decoder reads from.
@safe
struct InputBuffer: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0

  init(capacity: Int) { unsafe memory = .allocate(byteCount: capacity, alignment: 64) }

  deinit { unsafe memory.deallocate() }

  var count: Int { end - start }
  var isEmpty: Bool { start == end }

  /// The bytes that are left.
  var unread: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: memory[start..<end])
  }

  /// Drops bytes from the front.
  mutating func consume(_ count: Int) { start += count }

  /// Adds bytes that were read elsewhere, which there is room for.
  mutating func append(_ bytes: [UInt8]) {
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[end...]).copyBytes(from: bytes)
    end += bytes.count
  }

  /// Reads more behind what is left; the count is 0 at the end of the source.
  mutating func fill(from source: any ByteSource) throws(InputError) -> Int {
    if start > 0 {
      // Little is left whenever this is called: a few bytes that did not tell a frame from padding.
      unsafe memory.copyMemory(from: unread)
      end -= start
      start = 0
    }
    let added = try unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
    end += added
    return added
  }
}

// Writes that wait for a flush or for the end of the handshake.

internal import NIOCore

/// One write of the application's.
struct PendingWrite {
  let bytes: ByteBuffer
  let promise: EventLoopPromise<Void>?
}

/// The writes not encrypted yet, in order.
struct PendingWrites {
  private var writes: [PendingWrite] = []
  /// How many of the writes a flush has covered.
  private(set) var flushedCount = 0
  /// How many bytes wait.
  private(set) var bytes = 0

  /// How many writes wait.
  var count: Int { writes.count }

  /// Adds a write that the next flush will cover.
  mutating func append(_ bytes: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
    writes.append(PendingWrite(bytes: bytes, promise: promise))
    self.bytes += bytes.readableBytes
  }

  /// Notes a flush that cannot be carried out yet.
  mutating func markFlushed() { flushedCount = writes.count }

  /// The first `count` writes, to be let go of before this is changed.
  func first(_ count: Int) -> ArraySlice<PendingWrite> { writes.prefix(count) }

  /// Removes the first `count` writes.
  mutating func dropFirst(_ count: Int) {
    guard count < writes.count else {
      // The usual few keep their memory for the next flush; a heap of them does not stay with an idle connection.
      writes.removeAll(keepingCapacity: count <= TLSLimits.pendingWritesKept)
      flushedCount = 0
      bytes = 0
      return
    }
    bytes -= writes.prefix(count).reduce(0) { $0 + $1.bytes.readableBytes }
    flushedCount = max(0, flushedCount - count)
    writes.removeFirst(count)
  }

  /// Takes all writes out.
  mutating func takeAll() -> [PendingWrite] {
    let taken = writes
    self = PendingWrites()
    return taken
  }
}

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

  /// Takes the first `count` writes out.
  mutating func take(_ count: Int) -> [PendingWrite] {
    guard count < writes.count else { return takeAll() }
    let taken = Array(writes.prefix(count))
    writes.removeFirst(count)
    flushedCount = max(0, flushedCount - count)
    bytes -= taken.reduce(0) { $0 + $1.bytes.readableBytes }
    return taken
  }

  /// Takes all writes out.
  mutating func takeAll() -> [PendingWrite] {
    let taken = writes
    writes = []
    flushedCount = 0
    bytes = 0
    return taken
  }
}

// Turns a flush's writes into as few records, and as few buffers to send, as possible.

internal import NIOCore

/// Encrypts the writes of one flush, without a word to the channel: nothing can interfere half-way.
struct WriteEncryptor {
  /// One buffer to send, and the promise of the writes that end in it.
  struct Batch {
    let bytes: ByteBuffer
    let promise: EventLoopPromise<Void>?
  }

  private(set) var batches: [Batch] = []
  private let allocator: ByteBufferAllocator
  private var promise: EventLoopPromise<Void>?
  private var bytesInBatch = 0

  /// Creates an encryptor that takes its buffers from `allocator`.
  init(allocator: ByteBufferAllocator) { self.allocator = allocator }

  /// Encrypts `writes` into `batches`, after anything that OpenSSL wrote before and nobody has sent yet.
  mutating func encrypt(_ writes: [PendingWrite], with connection: borrowing TLSConnection) throws(TLSError) {
    let total = writes.reduce(0) { $0 + $1.bytes.readableBytes }
    var gathered = ByteBuffer()
    for (index, write) in writes.enumerated() {
      let size = write.bytes.readableBytes
      if gathered.readableBytes + size > TLSLimits.recordBytesMax {
        try encrypt(gathered, with: connection)
        gathered.clear()
      }
      let isAlone = gathered.readableBytes == 0 && index == writes.count - 1
      if isAlone || size >= TLSLimits.recordBytesMax {
        try encrypt(write.bytes, with: connection)
      } else {
        if gathered.capacity == 0 {
          gathered = allocator.buffer(capacity: min(total, TLSLimits.recordBytesMax))
        }
        gathered.writeImmutableBuffer(write.bytes)
      }
      if index == writes.count - 1 { try encrypt(gathered, with: connection) }
      // Joined only now, so that the promise goes with the buffer that its last byte is in.
      join(write.promise, gathered: gathered.readableBytes, isLast: index == writes.count - 1)
    }
    endBatch(connection, isLast: true)
  }
}

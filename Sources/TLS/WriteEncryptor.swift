// Turns a flush's writes into as few records, and as few buffers to send, as possible.

internal import NIOCore

/// Encrypts the writes of one flush, without a word to the channel: nothing can interfere half-way.
struct WriteEncryptor {
  /// One buffer to send, and the promise of the writes that end in it.
  struct Batch {
    let bytes: ByteBuffer
    let promise: EventLoopPromise<Void>?
  }

  /// Buffers that reached `TLSLimits.outboundPlaintextBytesMax`; empty but for large writes.
  private(set) var fullBatches: [Batch] = []
  private let allocator: ByteBufferAllocator
  private var promise: EventLoopPromise<Void>?
  private var bytesInBatch = 0

  /// Creates an encryptor that takes its buffers from `allocator`.
  init(allocator: ByteBufferAllocator) { self.allocator = allocator }

  /// Encrypts `writes`, after anything that OpenSSL wrote before and nobody has sent yet.
  mutating func encrypt(
    _ writes: ArraySlice<PendingWrite>,
    with connection: borrowing TLSConnection
  ) throws(TLSError) {
    // Small writes (head, body and end of an answer) are copied together into one record: that costs less than the
    // header, the tag and the cipher's set-up of a record each. What stands alone or fills records is not copied.
    var gathered = ByteBuffer()
    let total = writes.reduce(0) { $0 + $1.bytes.readableBytes }
    for write in writes {
      let size = write.bytes.readableBytes
      if gathered.readableBytes + size > TLSLimits.recordBytesMax {
        try encrypt(gathered, with: connection)
        gathered.clear()
      }
      if size == total || size >= TLSLimits.recordBytesMax {
        try encrypt(write.bytes, with: connection)
      } else if size > 0 {
        if gathered.capacity == 0 { gathered = allocator.buffer(capacity: min(total, TLSLimits.recordBytesMax)) }
        gathered.writeImmutableBuffer(write.bytes)
      }
      // A batch ends only when something is encrypted, so this promise goes with its write's last byte or later.
      join(write.promise)
    }
    try encrypt(gathered, with: connection)
  }

  /// Takes what is not in a full batch; to be called once, at the end.
  mutating func takeLastBatch(from connection: borrowing TLSConnection) -> Batch {
    Batch(bytes: connection.transport.takeOutbound() ?? ByteBuffer(), promise: promise)
  }

  private mutating func encrypt(_ bytes: ByteBuffer, with connection: borrowing TLSConnection) throws(TLSError) {
    var offset = 0
    while offset < bytes.readableBytes {
      let length = min(bytes.readableBytes - offset, TLSLimits.outboundPlaintextBytesMax - bytesInBatch)
      let records = length / TLSLimits.recordBytesMax + 1
      connection.transport.reserve(length + records * TLSLimits.recordOverheadBytes, from: allocator)
      try connection.encrypt(bytes, at: offset, length: length)
      offset += length
      bytesInBatch += length
      if bytesInBatch == TLSLimits.outboundPlaintextBytesMax { endBatch(connection) }
    }
  }

  private mutating func endBatch(_ connection: borrowing TLSConnection) {
    // Reached in the middle of a write, too, whose promise then has not joined yet.
    guard let bytes = connection.transport.takeOutbound() else { return }
    fullBatches.append(Batch(bytes: bytes, promise: promise))
    promise = nil
    bytesInBatch = 0
  }

  private mutating func join(_ other: EventLoopPromise<Void>?) {
    guard let other else { return }
    if let promise {
      promise.futureResult.cascade(to: other)
    } else {
      promise = other
    }
  }
}

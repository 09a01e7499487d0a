// Which buffer a write's promise goes with: never one before the write's last byte.

import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import TLS

@Suite struct WriteEncryptorTests {
  @Test(arguments: [UInt64(41), 42, 43, 44, 45, 46, 47, 48])
  func `a promise is kept with the buffer that has the last byte of its write or later`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let pair = try ConnectionPair()
    try pair.handshake()
    let batchBytes = TLSLimits.outboundPlaintextBytesMax
    let sizes = [0, 1, 900, 16_383, 16_384, 16_385, batchBytes - 1, batchBytes, batchBytes + 1, 2 * batchBytes + 5]
    var kept: Set<Int> = []
    var ends: [Int] = []
    var writes: [PendingWrite] = []
    for index in 0..<Int.random(in: 1...40, using: &random) {
      let size = sizes.randomElement(using: &random) ?? 0
      let promise = pair.server.loop.makePromise(of: Void.self)
      promise.futureResult.assumeIsolated().whenSuccess { kept.insert(index) }
      writes.append(PendingWrite(bytes: ByteBuffer(repeating: 7, count: size), promise: promise))
      ends.append((ends.last ?? 0) + size)
    }
    var encryptor = WriteEncryptor(allocator: ByteBufferAllocator())
    try encryptor.encrypt(writes[...], with: pair.server.handler.connection)
    let last = encryptor.takeLastBatch(from: pair.server.handler.connection)

    for (number, batch) in encryptor.fullBatches.enumerated() {
      batch.promise?.succeed()
      let sentBytes = (number + 1) * batchBytes
      #expect(kept.allSatisfy { ends[$0] <= sentBytes }, "seed \(seed)")
      #expect(batch.bytes.readableBytes > batchBytes)
    }
    last.promise?.succeed()
    #expect(kept.count == writes.count, "seed \(seed)")
    for batch in encryptor.fullBatches { try pair.client.deliver(batch.bytes) }
    try pair.client.deliver(last.bytes)
    #expect(pair.client.recorder.received.readableBytes == ends.last, "seed \(seed)")
  }
}

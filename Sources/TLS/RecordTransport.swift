// OpenSSL's view of the network: a BIO that reads from the ByteBuffer just received and writes into the next to send.

internal import COpenSSL
internal import NIOCore

/// The encrypted bytes of one connection, on their way in and out.
///
/// OpenSSL's own memory BIO would copy and clear each byte once more in each direction, and would keep its largest
/// buffer for as long as the connection lives; this one keeps nothing while the connection is idle.
final class RecordTransport {
  /// Received bytes that OpenSSL has not taken yet; it takes all of them before it asks for more.
  private(set) var inbound = ByteBuffer()
  /// Records that OpenSSL wrote and nobody has sent yet.
  private(set) var outbound = ByteBuffer()

  /// Adds received bytes.
  func receive(_ bytes: ByteBuffer) {
    if inbound.readableBytes == 0 {
      inbound = bytes
    } else {
      var bytes = bytes
      inbound.writeBuffer(&bytes)
    }
  }

  /// Makes sure that `bytes` more can be written without growing.
  func reserve(_ bytes: Int, from allocator: ByteBufferAllocator) {
    if outbound.capacity == 0 {
      outbound = allocator.buffer(capacity: bytes)
    } else {
      outbound.reserveCapacity(minimumWritableBytes: bytes)
    }
  }

  /// Takes what is to be sent; nil when there is nothing.
  func takeOutbound() -> ByteBuffer? {
    guard outbound.readableBytes > 0 else { return nil }
    let taken = outbound
    outbound = ByteBuffer()
    return taken
  }

  /// Forgets what is left of the received bytes, which no one will read any more.
  func discardInbound() { inbound = ByteBuffer() }

  /// Moves received bytes into `target`; returns how many.
  fileprivate func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(target.count, inbound.readableBytes)
    guard count > 0 else { return 0 }
    unsafe inbound.readWithUnsafeReadableBytes { bytes in
      unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      return count
    }
    // Gives the storage back to whoever made it as soon as it is used up.
    if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    return count
  }

  /// Adds a record, or a part of one, to what is to be sent.
  fileprivate func write(_ bytes: UnsafeRawBufferPointer) { unsafe outbound.writeBytes(bytes) }
}

extension RecordTransport {
  /// A BIO over this transport, owned by the caller; nil when memory is out.
  ///
  /// The transport must outlive it.
  func makeBIO() -> OpaquePointer? {
    guard let method = unsafe RecordTransportMethod.shared.raw, let bio = unsafe BIO_new(method) else { return nil }
    unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    unsafe BIO_set_init(bio, 1)
    return unsafe bio
  }
}

/// The table of functions that makes a BIO of a transport; made once, never changed and never freed.
@safe private struct RecordTransportMethod: @unchecked Sendable {
  let raw: OpaquePointer?

  static let shared = RecordTransportMethod()

  private init() {
    unsafe raw = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hostfence record transport")
    guard let raw = unsafe raw else { return }
    unsafe BIO_meth_set_read_ex(raw, readRecords)
    unsafe BIO_meth_set_write_ex(raw, writeRecords)
    unsafe BIO_meth_set_ctrl(raw, controlRecords)
  }
}

/// The transport behind `bio`; nil only if OpenSSL calls with a BIO that is not ours.
private func transport(of bio: OpaquePointer?) -> RecordTransport? {
  unsafe BIO_get_data(bio).map { unsafe Unmanaged<RecordTransport>.fromOpaque($0).takeUnretainedValue() }
}

private func readRecords(
  _ bio: OpaquePointer?,
  _ target: UnsafeMutablePointer<CChar>?,
  _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?
) -> Int32 {
  guard let bio = unsafe bio, let transport = unsafe transport(of: bio), let count = unsafe count else { return 0 }
  unsafe hostfence_bio_clear_retry(bio)
  unsafe count.pointee = transport.read(into: UnsafeMutableRawBufferPointer(start: target, count: capacity))
  guard unsafe count.pointee == 0 else { return 1 }
  // Nothing yet is not the end: the end of the input is the channel's to tell, not the BIO's.
  unsafe hostfence_bio_set_retry_read(bio)
  return 0
}

private func writeRecords(
  _ bio: OpaquePointer?,
  _ bytes: UnsafePointer<CChar>?,
  _ length: Int,
  _ count: UnsafeMutablePointer<Int>?
) -> Int32 {
  guard let bio = unsafe bio, let transport = unsafe transport(of: bio) else { return 0 }
  unsafe hostfence_bio_clear_retry(bio)
  unsafe transport.write(UnsafeRawBufferPointer(start: bytes, count: length))
  unsafe count?.pointee = length
  return 1
}

private func controlRecords(
  _ bio: OpaquePointer?,
  _ command: Int32,
  _ number: Int,
  _ argument: UnsafeMutableRawPointer?
) -> Int {
  // Written bytes are with the channel handler at once, so a flush has nothing to do; all else is not supported.
  command == BIO_CTRL_FLUSH ? 1 : 0
}

// The body of an audit batch while it comes in.

internal import JSONDocument
internal import NIOCore

/// Collects a body within the room of the backlog, and gives that room back when the request comes to nothing.
final class AuditUpload {
  private let backlog: AuditBacklog
  private var body: [UInt8] = []

  /// Creates an upload; `expectedBytes` is what the client announced.
  init(_ backlog: AuditBacklog, expectedBytes: Int) {
    self.backlog = backlog
    body.reserveCapacity(min(expectedBytes, ServerLimits.bodyBytesReserved) + JSONParser.paddingBytes)
  }

  deinit { abandon() }

  var count: Int { body.count }

  /// Adds a part; false when there is no room for it.
  func append(_ part: ByteBuffer) -> Bool {
    guard backlog.reserve(part.readableBytes) else { return false }
    unsafe part.withUnsafeReadableBytes { bytes in unsafe body.append(contentsOf: bytes) }
    return true
  }

  /// Drops what came in.
  func abandon() {
    backlog.release(body.count)
    body = []
  }

  /// Hands the body over to be judged; false when no more are taken.
  ///
  /// `completion` is called once when it was handed over, and never otherwise.
  func finish(_ completion: @escaping @Sendable (AuditOutcome) -> Void) -> Bool {
    body.reserveCapacity(body.count + JSONParser.paddingBytes)
    guard backlog.add(AuditBatch(body: body, completion: completion)) else { return false }
    // The room goes with the batch now.
    body = []
    return true
  }
}

@available(*, unavailable)
extension AuditUpload: Sendable {}

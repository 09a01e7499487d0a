// How much the server is doing, so that it refuses early rather than fall over late.

internal import Synchronization

/// The reviews in hand: bytes of bodies that are in memory, and reviews that wait for their answer.
final class ReviewLoad: Sendable {
  private let heldBytes = Atomic<Int>(0)
  private let waiting = Atomic<Int>(0)
  private let bytesMax: Int
  private let reviewsMax: Int

  init(bytesMax: Int = ServerLimits.reviewBytesMax, reviewsMax: Int = ServerLimits.reviewsInFlightMax) {
    self.bytesMax = bytesMax
    self.reviewsMax = reviewsMax
  }

  /// Bytes of bodies in memory.
  var bytes: Int { heldBytes.load(ordering: .relaxed) }

  /// Reviews that were read and not answered.
  var inFlight: Int { waiting.load(ordering: .relaxed) }

  /// Whether a body of this size would find room now.
  func hasRoom(for count: Int) -> Bool { bytes + count <= bytesMax }

  /// Takes room for bytes that came in; false, and none is taken, when there is none.
  func reserve(_ count: Int) -> Bool {
    guard heldBytes.wrappingAdd(count, ordering: .relaxed).newValue <= bytesMax else {
      release(count)
      return false
    }
    return true
  }

  /// Gives room back.
  func release(_ count: Int) { heldBytes.wrappingSubtract(count, ordering: .relaxed) }

  /// Begins a review; false, and none is begun, when too many wait for the ledger already.
  func begin() -> Bool {
    guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= reviewsMax else {
      end()
      return false
    }
    return true
  }

  /// Ends a review that was begun.
  func end() { waiting.wrappingSubtract(1, ordering: .relaxed) }
}

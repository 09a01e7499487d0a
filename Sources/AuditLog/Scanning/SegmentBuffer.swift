// The memory that one thread reads a log into.

internal import JSONDocument

/// Bytes with room behind them for a parser to read in place.
@safe
final class SegmentBuffer {
  private var memory: UnsafeMutableRawBufferPointer

  init() { unsafe memory = Self.allocate(AuditLogLimits.segmentBytes) }

  deinit { unsafe memory.deallocate() }

  /// How many bytes of a log fit.
  var capacity: Int { unsafe memory.count - JSONParser.paddingBytes }

  /// The bytes from `offset` on.
  func room(from offset: Int) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset..<capacity])
  }

  /// The first `count` bytes.
  func text(_ count: Int) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: memory[..<count])
  }

  /// Makes room for twice as much, keeping the first `count` bytes.
  func grow(keeping count: Int) {
    let larger = unsafe Self.allocate(capacity * 2)
    unsafe larger.copyMemory(from: text(count))
    unsafe memory.deallocate()
    unsafe memory = larger
  }

  /// Gives back what one long line took.
  func shrink() {
    guard capacity > AuditLogLimits.segmentBytes else { return }
    unsafe memory.deallocate()
    unsafe memory = Self.allocate(AuditLogLimits.segmentBytes)
  }

  private static func allocate(_ capacity: Int) -> UnsafeMutableRawBufferPointer {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: capacity + JSONParser.paddingBytes,
      alignment: 64
    )
    // Whoever reads the padding must find the same bytes every time.
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[capacity...]).initializeMemory(as: UInt8.self, repeating: 0)
    return unsafe memory
  }
}

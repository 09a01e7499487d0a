// Decodes gzip (RFC 1952) with ISA-L.

internal import CISAL

/// A gzip decoder; checks the checksum and the length behind each member.
@safe
final class GzipDecoder: FrameDecoder {
  let format = CompressionFormat.gzip
  private let state: UnsafeMutableRawPointer
  private var header = GzipHeader()

  init() {
    let count = hf_inflate_state_bytes()
    unsafe state = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
    unsafe state.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    begin()
  }

  deinit { unsafe state.deallocate() }

  func begin() {
    header = GzipHeader()
    unsafe hf_inflate_begin(state)
  }

  func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecoderStep {
    var headerBytes = 0
    while !header.isAtEnd {
      guard headerBytes < input.count else { return DecoderStep(consumed: headerBytes, produced: 0, outcome: .open) }
      guard unsafe header.take(input[headerBytes]) else {
        return DecoderStep(consumed: headerBytes, produced: 0, outcome: .damaged(reason: "an invalid header"))
      }
      headerBytes += 1
    }
    guard let start = output.baseAddress else {
      return DecoderStep(consumed: headerBytes, produced: 0, outcome: .open)
    }
    let rest = unsafe UnsafeRawBufferPointer(rebasing: input[headerBytes...])
    let step = unsafe hf_inflate_run(state, rest.baseAddress, rest.count, start, output.count)
    return DecoderStep(consumed: headerBytes + step.consumed, produced: step.produced, outcome: Self.outcome(step))
  }

  private static func outcome(_ step: hf_inflate_step) -> DecoderStep.Outcome {
    switch step.status {
    case ISAL_INVALID_BLOCK: .damaged(reason: "an invalid block")
    case ISAL_INVALID_SYMBOL: .damaged(reason: "an invalid symbol")
    case ISAL_INVALID_LOOKBACK: .damaged(reason: "a distance beyond the beginning")
    case ISAL_INCORRECT_CHECKSUM: .damaged(reason: "a wrong checksum")
    case ..<0: .damaged(reason: "code \(step.status)")
    default: step.is_done != 0 ? .ended : .open
    }
  }
}

// Decodes zstd (RFC 8878), with frames that are to be skipped.

internal import CZstd

/// A zstd decoder; its window is bounded by `CompressionLimits.zstdWindowLogMax`.
@safe
final class ZstdDecoder: FrameDecoder {
  let format = CompressionFormat.zstd
  private let context: OpaquePointer?

  init() {
    unsafe context = ZSTD_createDCtx()
    precondition(unsafe context != nil, "there is memory for a decoder")
    unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(CompressionLimits.zstdWindowLogMax))
  }

  deinit { unsafe ZSTD_freeDCtx(context) }

  func begin() { unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only) }

  func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecoderStep {
    var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let result = unsafe ZSTD_decompressStream(context, &target, &source)
    return unsafe DecoderStep(consumed: source.pos, produced: target.pos, outcome: Self.outcome(result))
  }

  private static func outcome(_ result: Int) -> DecoderStep.Outcome {
    guard ZSTD_isError(result) != 0 else { return result == 0 ? .ended : .open }
    guard ZSTD_getErrorCode(result) != ZSTD_error_frameParameter_windowTooLarge else { return .windowTooLarge }
    return .damaged(reason: unsafe String(cString: ZSTD_getErrorName(result)))
  }
}

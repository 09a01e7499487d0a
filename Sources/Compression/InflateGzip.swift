// Gzip that is already in memory.

/// Expands gzip data, all members of it.
///
/// What follows the last member is ignored.
///
/// - Parameters:
///   - bytes: one or more gzip members.
///   - limitBytes: the most bytes the data may expand to.
/// - Throws: `InputError.truncated`, `.damaged`, or `.tooLong` beyond the limit.
package func inflateGzip(_ bytes: [UInt8], limitBytes: Int) throws(InputError) -> [UInt8] {
  guard CompressionFormat.of(bytes) == .gzip else { throw .damaged(.gzip, atByte: 0, reason: "an invalid header") }
  let decoder = GzipDecoder()
  // One byte more than allowed tells data that is too long from data that just fits.
  let roomMax = max(limitBytes, 0) + 1
  let expected = max(CompressionLimits.outputBytesMin, bytes.count * CompressionLimits.expectedRatio)
  var output = [UInt8](repeating: 0, count: min(expected, roomMax))
  var consumed = 0
  var produced = 0
  while true {
    let step = unsafe bytes.withUnsafeBytes { input in
      unsafe output.withUnsafeMutableBytes { room in
        unsafe decoder.decode(
          UnsafeRawBufferPointer(rebasing: input[consumed...]),
          into: UnsafeMutableRawBufferPointer(rebasing: room[produced...])
        )
      }
    }
    consumed += step.consumed
    produced += step.produced
    guard produced <= limitBytes else { throw .tooLong(limitBytes: limitBytes) }
    switch step.outcome {
    case .damaged(let reason): throw .damaged(.gzip, atByte: consumed, reason: reason)
    case .ended:
      guard CompressionFormat.of(bytes[consumed...]) == .gzip else {
        output.removeLast(output.count - produced)
        return output
      }
      decoder.begin()
    case .open, .windowTooLarge:
      if produced < output.count, consumed == bytes.count { throw .truncated(.gzip, atByte: consumed) }
    }
    if produced == output.count {
      output += [UInt8](repeating: 0, count: min(output.count, roomMax - output.count))
    }
  }
}

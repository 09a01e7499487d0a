// What the decoders of all formats have in common.

/// What one step of a decoder did.
struct DecoderStep {
  enum Outcome: Equatable {
    /// The decoder goes on when there is more input, or more room for output.
    case open
    /// The frame (gzip: the member) ended with these bytes, and everything in it was handed out.
    case ended
    case damaged(reason: String)
    case windowTooLarge
  }

  /// Bytes of input that are not needed any more.
  var consumed: Int
  /// Bytes of output, which are good whatever the outcome.
  var produced: Int
  var outcome: Outcome
}

/// Decodes one frame after the other.
protocol FrameDecoder: AnyObject {
  /// What it decodes.
  var format: CompressionFormat { get }

  /// Gets ready for the beginning of a frame.
  func begin()

  /// Decodes as much as the input has and the output, which has room for a byte at least, takes.
  func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecoderStep
}

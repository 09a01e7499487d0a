// Reads bytes that are compressed or not; which of both, their beginning tells.

/// Reads a source, decompressing what is compressed; used by one thread at a time.
///
/// A name does not matter. Plain bytes go straight from the source into the caller's memory, and compressed ones are
/// decoded straight into it. One file may have many frames (gzip: members), of either format; NUL bytes between and
/// behind them, as tapes and block devices leave them, are skipped. What a frame holds is handed out as it is: gzip
/// inside gzip stays gzip.
///
/// What goes wrong is thrown once, after every byte before it was handed out; then the reader is at its end.
package final class DecompressingReader {
  private enum Phase {
    case beginning
    /// Plain, with bytes left that were read to find this out.
    case plainHead
    case plain
    case betweenFrames
    case frame(any FrameDecoder)
    case failed(InputError)
    case ended
  }

  /// The format of the first frame; `plain` until the first call of `read`.
  package private(set) var format = CompressionFormat.plain
  /// How many bytes of the source were read, for telling how far the reader is.
  package private(set) var compressedBytesRead = 0
  /// How many NUL bytes between and behind frames were skipped.
  package private(set) var paddingBytes = 0

  private let source: any ByteSource
  private let inputBytes: Int
  private var phase = Phase.beginning
  private var head: [UInt8] = []
  /// Without room as long as nothing compressed was seen.
  private var input = InputBuffer(capacity: 0)
  private var decoders: [CompressionFormat: any FrameDecoder] = [:]

  /// Creates a reader.
  ///
  /// - Parameter inputBytes: how many compressed bytes are read at a time, at least 16.
  package init(_ source: any ByteSource, inputBytes: Int = CompressionLimits.inputBytes) {
    self.source = source
    self.inputBytes = max(inputBytes, Detection.bytesMax)
  }

  /// Reads up to as many bytes as the buffer, which is not empty, has; 0 at the end.
  ///
  /// Waits only when there is nothing to hand out.
  ///
  /// - Throws: `InputError`, once.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    do throws(InputError) {
      return try unsafe advance(into: buffer)
    } catch {
      phase = .ended
      throw error
    }
  }

  private func advance(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    while true {
      switch phase {
      case .beginning: try begin()
      case .plainHead:
        let count = min(head.count, buffer.count)
        unsafe buffer.copyBytes(from: head[..<count])
        head.removeFirst(count)
        if head.isEmpty { phase = .plain }
        return count
      case .plain:
        let count = try unsafe source.read(into: buffer)
        compressedBytesRead += count
        return count
      case .betweenFrames: try findFrame()
      case .frame(let decoder):
        let count = try unsafe decode(with: decoder, into: buffer)
        if count > 0 { return count }
      case .failed(let error): throw error
      case .ended: return 0
      }
    }
  }

  /// Offset into the source of the first byte that was not decoded.
  private var offset: Int { compressedBytesRead - input.count }

  private func begin() throws(InputError) {
    var detection = Detection.undecided
    while detection == .undecided {
      let added = try readHead()
      if added == 0 { break }
      detection = Detection.of(head)
    }
    switch detection {
    case .unsupported(let name): throw .unsupported(name)
    case .format(.plain), .undecided: phase = head.isEmpty ? .plain : .plainHead
    case .format(let found):
      format = found
      input = InputBuffer(capacity: inputBytes)
      input.append(head)
      head = []
      phase = .betweenFrames
    }
  }

  private func readHead() throws(InputError) -> Int {
    var bytes = [UInt8](repeating: 0, count: Detection.bytesMax - head.count)
    var failure: InputError?
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      do throws(InputError) {
        return try unsafe source.read(into: buffer)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    head += bytes[..<count]
    compressedBytesRead += count
    return count
  }

  private func refill() throws(InputError) -> Bool {
    let added = try input.fill(from: source)
    compressedBytesRead += added
    return added > 0
  }

  /// Skips padding and looks at what comes then.
  private func findFrame() throws(InputError) {
    while true {
      let padding = unsafe input.unread.prefix { $0 == 0 }.count
      input.consume(padding)
      paddingBytes += padding
      let detection = unsafe Detection.of(input.unread)
      if case .format(let found) = detection, found != .plain {
        phase = .frame(decoder(of: found))
        return
      }
      // An empty input is undecided, too.
      if detection == .undecided, try refill() { continue }
      guard input.isEmpty else { throw .trailingData(format, atByte: offset) }
      phase = .ended
      return
    }
  }

  private func decoder(of found: CompressionFormat) -> any FrameDecoder {
    if let decoder = decoders[found] {
      decoder.begin()
      return decoder
    }
    let decoder: any FrameDecoder = found == .zstd ? ZstdDecoder() : GzipDecoder()
    decoders[found] = decoder
    return decoder
  }

  /// Decodes until there is output, the frame ends, or an error.
  private func decode(
    with decoder: any FrameDecoder,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(InputError) -> Int {
    func damaged(_ reason: String) -> InputError { .damaged(decoder.format, atByte: offset, reason: reason) }
    while true {
      let step = unsafe decoder.decode(input.unread, into: buffer)
      input.consume(step.consumed)
      switch step.outcome {
      case .open where step.produced > 0: break
      case .open where step.consumed > 0 && !input.isEmpty: continue
      case .open where !input.isEmpty: phase = .failed(damaged("it does not go on"))
      case .open:
        if try refill() { continue }
        phase = .failed(.truncated(decoder.format, atByte: offset))
      case .ended: phase = .betweenFrames
      case .damaged(let reason): phase = .failed(damaged(reason))
      case .windowTooLarge: phase = .failed(.windowTooLarge(limitBytes: 1 << CompressionLimits.zstdWindowLogMax))
      }
      return step.produced
    }
  }
}

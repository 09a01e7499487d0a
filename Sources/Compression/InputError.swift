// Why bytes cannot be read.

/// Why a file, or the rest of one, cannot be read.
package enum InputError: Error, Sendable, Equatable {
  /// The system does not open the file, for this reason.
  case cannotOpen(reason: String)
  /// The system does not go on reading, for this reason.
  case cannotRead(reason: String)
  /// Compressed data ends in the middle; everything before was handed out. The offset is one into the compressed file.
  case truncated(CompressionFormat, atByte: Int)
  /// Compressed data is wrong near this offset into the compressed file; everything before was handed out.
  case damaged(CompressionFormat, atByte: Int, reason: String)
  /// What follows the compressed data, from this offset on, is neither compressed nor padding, and was not read.
  case trailingData(CompressionFormat, atByte: Int)
  /// Decoding would take more memory than is granted.
  case windowTooLarge(limitBytes: Int)
  /// The data expands to more than it may.
  case tooLong(limitBytes: Int)
  /// The file is compressed in a way that is not read here.
  case unsupported(String)
}

extension InputError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cannotOpen(let reason): "cannot be opened: \(reason)"
    case .cannotRead(let reason): "cannot be read: \(reason)"
    case .truncated(let format, let offset):
      "the \(format.rawValue) data is cut off at byte \(offset); what comes before was read"
    case .damaged(let format, let offset, let reason):
      "the \(format.rawValue) data is damaged near byte \(offset) (\(reason)); what comes before was read"
    case .trailingData(let format, let offset):
      "from byte \(offset) on, behind the \(format.rawValue) data, there is something else, which was not read"
    case .windowTooLarge(let limit):
      "the zstd data needs a window of more than \(limit >> 20) MiB; decompress it with zstd -d --long=31 first"
    case .tooLong(let limit): "the data expands to more than \(limit) bytes"
    case .unsupported(let name): "is compressed with \(name), which is not supported; decompress it first"
    }
  }
}

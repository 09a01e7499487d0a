// Every bound of reading compressed data, with its reason.

/// Bounds on what compressed data can make its reader hold.
package enum CompressionLimits {
  /// Bytes read from a file at a time: few system calls, and still in the second-level cache when they are decoded.
  package static let inputBytes = 256 << 10

  /// The largest window of zstd, as a power of two: 128 MiB, what the `zstd` command accepts without being told more.
  package static let zstdWindowLogMax = 27

  /// The smallest output of a one-shot expansion that memory is taken for.
  static let outputBytesMin = 4 << 10

  /// How often larger the output of a one-shot expansion is expected to be; JSON compresses to about a tenth.
  static let expectedRatio = 8
}

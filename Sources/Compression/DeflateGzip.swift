// Gzip that goes out.

internal import CISAL

/// Compresses data into one gzip member (RFC 1952).
///
/// - Parameter bytes: at most 1 GiB.
package func deflateGzip(_ bytes: [UInt8]) -> [UInt8] {
  precondition(bytes.count <= 1 << 30, "a gzip member is made of what is in memory")
  var tables = [UInt8](repeating: 0, count: Int(hf_deflate_level_bytes()))
  // What cannot be compressed is stored, in blocks of at most 64 KiB with five bytes before each; header and trailer
  // have 18.
  var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 8 + 1_024)
  let count = unsafe bytes.withUnsafeBytes { input in
    unsafe output.withUnsafeMutableBytes { room in
      unsafe tables.withUnsafeMutableBytes { tables -> Int in
        guard let start = room.baseAddress, let level = tables.baseAddress else { return 0 }
        return unsafe hf_deflate_gzip(
          input.baseAddress,
          UInt32(input.count),
          start,
          UInt32(room.count),
          level,
          UInt32(tables.count)
        )
      }
    }
  }
  precondition(count > 0, "the room is enough for data that cannot be compressed")
  output.removeLast(output.count - count)
  return output
}

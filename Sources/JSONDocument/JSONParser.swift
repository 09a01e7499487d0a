// Owns one simdjson parser: bytes in, a borrowed view of the document out.

internal import CSimdJSON

/// Why a document could not be read.
package enum JSONError: Error, Equatable, Sendable {
  /// There is nothing but white space.
  case empty
  /// The document is larger than the parser accepts; the limit is in bytes.
  case tooLarge(limitBytes: Int)
  /// Objects and arrays are nested more deeply than the parser accepts; the limit is in levels.
  case tooDeep(limitLevels: Int)
  /// Memory ran out.
  case outOfMemory
  /// The bytes are not JSON (RFC 8259); the reason is simdjson's.
  case malformed(reason: String)
}

extension JSONError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .empty: "the document is empty"
    case .tooLarge(let limit): "the document is larger than \(limit) bytes"
    case .tooDeep(let limit): "the document is nested more than \(limit) levels deep"
    case .outOfMemory: "there is not enough memory to read the document"
    case .malformed(let reason): "the document is not valid JSON: \(reason)"
    }
  }
}

/// Parses one JSON document at a time and lends it as a `JSONValue`.
///
/// The memory of one document is reused by the next, so a parser belongs to one event loop or thread: it is not
/// `Sendable`. Nothing is copied when the caller's buffer has `paddingBytes` readable bytes behind the document.
@safe
package final class JSONParser {
  /// Bytes behind a document that must be readable for it to be parsed in place (simdjson's `SIMDJSON_PADDING`).
  package static let paddingBytes = Int(HOSTFENCE_JSON_PADDING_BYTES)

  /// Documents above this size give their memory back after use, so that one large review does not stay resident.
  private static let retainedBytesMax = 256 << 10

  private var parser: OpaquePointer?
  private var document = unsafe hostfence_json_tape()
  private let bytesMax: Int
  private let levelsMax: Int

  /// Creates a parser that refuses documents over `bytesMax` bytes or nested over `levelsMax` levels.
  package init(bytesMax: Int = JSONLimits.documentBytesMax, levelsMax: Int = JSONLimits.nestingLevelsMax) {
    precondition(bytesMax > 0 && levelsMax > 0, "a parser needs room for a document")
    self.bytesMax = bytesMax
    self.levelsMax = levelsMax
  }

  deinit { release() }

  /// Parses `bytes` and hands the root value to `body`, which cannot keep it.
  ///
  /// - Parameter padded: that `paddingBytes` bytes behind the document may be read; otherwise simdjson copies it.
  /// - Throws: `JSONError` when the bytes are not one JSON document within the limits.
  package func withDocument<Result>(
    _ bytes: UnsafeRawBufferPointer,
    padded: Bool,
    _ body: (borrowing JSONValue) -> Result
  ) throws(JSONError) -> Result {
    let parser = try unsafe openParser()
    let code = unsafe hostfence_json_parse(
      parser,
      bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      bytes.count,
      padded && bytes.baseAddress != nil,
      &document
    )
    defer { if bytes.count > Self.retainedBytesMax { release() } }
    guard code == 0, let tape = unsafe document.tape, let strings = unsafe document.strings else { throw error(code) }
    return body(unsafe JSONValue(tape: tape, strings: strings, index: 1))
  }

  /// Parses a byte array; as above, in place when the array has spare capacity for the padding.
  package func withDocument<Result>(
    _ bytes: [UInt8],
    _ body: (borrowing JSONValue) -> Result
  ) throws(JSONError) -> Result {
    let padded = bytes.capacity - bytes.count >= Self.paddingBytes
    var outcome: Swift.Result<Result, JSONError> = .failure(.empty)
    unsafe bytes.withUnsafeBytes { buffer in
      do throws(JSONError) {
        outcome = .success(try unsafe withDocument(buffer, padded: padded, body))
      } catch {
        outcome = .failure(error)
      }
    }
    return try outcome.get()
  }

  private func openParser() throws(JSONError) -> OpaquePointer {
    if let parser = unsafe parser { return unsafe parser }
    guard let made = unsafe hostfence_json_parser_new(bytesMax, levelsMax) else { throw .outOfMemory }
    unsafe parser = made
    return unsafe made
  }

  private func release() {
    if let parser = unsafe parser { unsafe hostfence_json_parser_free(parser) }
    unsafe parser = nil
  }

  private func error(_ code: Int32) -> JSONError {
    switch code {
    case hostfence_json_error_capacity: .tooLarge(limitBytes: bytesMax)
    case hostfence_json_error_depth: .tooDeep(limitLevels: levelsMax)
    case hostfence_json_error_empty: .empty
    case hostfence_json_error_memory: .outOfMemory
    default: .malformed(reason: unsafe String(cString: hostfence_json_error_message(code)))
    }
  }
}

// PEM, the text form of keys and certificates.

internal import COpenSSL

/// Writes PEM into memory.
enum PEMText {
  /// What `write` writes into a memory BIO; `write` returns 1 on success, as OpenSSL's PEM functions do.
  static func bytes(_ write: (OpaquePointer) -> Int32) throws(TLSError) -> [UInt8] {
    ERR_clear_error()
    guard let output = unsafe BIO_new(BIO_s_mem()) else {
      throw .openSSL(.cryptographyFailed, "OpenSSL cannot write PEM; the process may be out of memory")
    }
    defer { unsafe BIO_free_all(output) }
    guard unsafe write(output) == 1 else {
      throw .openSSL(.cryptographyFailed, "OpenSSL cannot write PEM; the process may be out of memory")
    }
    var start: UnsafeMutablePointer<CChar>?
    let count = unsafe hostfence_bio_get_mem_data(output, &start)
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
  }
}

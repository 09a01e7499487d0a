// Where bytes come from: a file, a pipe, a test.

internal import Glibc

/// Something that bytes can be read from, once, from its beginning to its end.
package protocol ByteSource: AnyObject {
  /// Reads up to as many bytes as the buffer has, waiting for at least one; 0 at the end.
  ///
  /// - Throws: `InputError.cannotRead`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int
}

/// A file descriptor as a source.
///
/// The descriptor is read with `read`, so that pipes and terminals will do.
package final class DescriptorSource: ByteSource {
  private let descriptor: Int32
  private let closes: Bool

  /// Reads from an open descriptor.
  ///
  /// - Parameter closes: that the descriptor is closed when the source is gone.
  package init(_ descriptor: Int32, closes: Bool) {
    self.descriptor = descriptor
    self.closes = closes
  }

  /// Opens a file for reading from its beginning to its end.
  ///
  /// - Throws: `InputError.cannotOpen`.
  package convenience init(path: String) throws(InputError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotOpen(reason: Self.reason()) }
    // Advice only: a pipe has no use for it and says so.
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    self.init(descriptor, closes: true)
  }

  deinit { if closes { close(descriptor) } }

  /// Reads with one system call, again only when a signal interrupts it.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    while true {
      let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw .cannotRead(reason: Self.reason()) }
    }
  }

  private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}

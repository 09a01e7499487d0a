// A file, or a stream, that holds an audit log.

package import Compression
internal import Glibc

/// A file to be replayed.
package struct LogFile: Sendable, Hashable {
  /// As the system opens it; `-` is standard input.
  package var path: String
  /// As reports name it.
  package var name: String
  /// Bytes on the disk, compressed where the file is, for telling how far a replay is; 0 for a stream.
  package var size: Int
  /// Whether it is a regular file, and not a pipe, a terminal or another stream that can be read only once.
  package var isRegular: Bool

  /// Describes a file.
  package init(path: String, name: String, size: Int, isRegular: Bool) {
    self.path = path
    self.name = name
    self.size = size
    self.isRegular = isRegular
  }

  /// The file at a path as it is now, or standard input; one that is not there has no size.
  package init(at path: String) {
    if path == Self.standardInputPath {
      self = .standardInput
    } else {
      let status = FileStatus.of(path)
      self.init(path: path, name: path, size: status?.size ?? 0, isRegular: status?.kind == .regular)
    }
  }

  /// Standard input among paths.
  package static let standardInputPath = "-"

  /// Standard input.
  package static let standardInput = LogFile(path: standardInputPath, name: "<stdin>", size: 0, isRegular: false)

  /// Opens the file for reading from its beginning, whatever its compression.
  ///
  /// - Throws: `InputError.cannotOpen`.
  package func open() throws(InputError) -> DecompressingReader { DecompressingReader(try source()) }

  func source() throws(InputError) -> DescriptorSource {
    path == Self.standardInputPath ? DescriptorSource(STDIN_FILENO, closes: false) : try DescriptorSource(path: path)
  }
}

/// A path from which nothing, or not everything, can be read.
package struct LogInputProblem: Sendable, Hashable {
  /// As the user would name it.
  package var path: String
  package var message: String
}

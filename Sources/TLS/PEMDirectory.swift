// Writing files that belong together into a directory: all of them or none, keys never readable by others.

internal import Glibc

/// A file to be written.
struct PEMFile {
  let name: String
  let bytes: [UInt8]
  let mode: mode_t
}

/// A directory that files are written into.
struct PEMDirectory {
  let path: String

  /// Creates the directory with mode 0755 unless it is there; what it lies in must be there.
  func createIfMissing() throws(TLSError) {
    guard unsafe mkdir(path, 0o755) != 0 else { return }
    let reason = errno
    var status = stat()
    if reason == EEXIST, unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    throw Self.failure("create the directory", path, reason == EEXIST ? ENOTDIR : reason)
  }

  /// Writes new files; if any of them is there already, none is written.
  func create(_ files: [PEMFile]) throws(TLSError) {
    for file in files {
      var status = stat()
      // lstat: a dangling symbolic link counts as there, since creating the file would write through it.
      guard unsafe lstat(full(file.name), &status) != 0 else { throw exists(file.name) }
    }
    try write(files, names: files.map(\.name))
    try synchronise()
  }

  /// Writes the files beside those of the same names, then renames them into place.
  func replace(_ files: [PEMFile]) throws(TLSError) {
    // The one thing that rename cannot put a file over; seen to first, so that no half of the files is exchanged.
    for file in files {
      var status = stat()
      guard unsafe lstat(full(file.name), &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
      throw Self.failure("replace", full(file.name), EISDIR)
    }
    let suffix = "\(getpid())-\(UInt64.random(in: .min ... .max))"
    let staged = files.map { ".\($0.name).\(suffix)" }
    try write(files, names: staged)
    for (index, file) in files.enumerated() {
      guard unsafe rename(full(staged[index]), full(file.name)) != 0 else { continue }
      let reason = errno
      remove(Array(staged[index...]))
      throw Self.failure("replace", full(file.name), reason)
    }
    try synchronise()
  }

  /// Writes `files` under `names`, none of which may be there; removes those it wrote when one fails.
  private func write(_ files: [PEMFile], names: [String]) throws(TLSError) {
    for (index, file) in files.enumerated() {
      do throws(TLSError) {
        try writeNew(file, as: names[index])
      } catch {
        remove(Array(names[..<index]))
        throw error
      }
    }
  }

  private func writeNew(_ file: PEMFile, as name: String) throws(TLSError) {
    let path = full(name)
    // O_EXCL gives the mode from the first moment on, and follows no symbolic link that someone put there.
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file.mode)
    guard descriptor >= 0 else {
      let reason = errno
      throw reason == EEXIST ? exists(name) : Self.failure("create", path, reason)
    }
    var reason: Int32 = 0
    var written = 0
    while written < file.bytes.count, reason == 0 {
      let count = unsafe file.bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(
          descriptor,
          UnsafeRawBufferPointer(rebasing: bytes[written...]).baseAddress,
          bytes.count - written
        )
      }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        reason = errno
      }
    }
    if reason == 0, fsync(descriptor) != 0 { reason = errno }
    if Glibc.close(descriptor) != 0, reason == 0 { reason = errno }
    guard reason != 0 else { return }
    remove([name])
    throw Self.failure("write", path, reason)
  }

  /// Makes the directory's entries durable.
  private func synchronise() throws(TLSError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("open the directory", path, errno) }
    defer { _ = Glibc.close(descriptor) }
    // Some network file systems cannot synchronise a directory, and the files are written all the same.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw Self.failure("synchronise the directory", path, errno)
    }
  }

  private func remove(_ names: [String]) {
    for name in names { _ = unsafe unlink(full(name)) }
  }

  private func full(_ name: String) -> String { "\(path)/\(name)" }

  private func exists(_ name: String) -> TLSError {
    TLSError(
      .fileExists,
      "\(full(name)) exists, so nothing was written; remove it, choose another directory, or replace all with --force"
    )
  }

  private static func failure(_ action: String, _ path: String, _ reason: Int32) -> TLSError {
    let text = unsafe strerror(reason).map { unsafe String(cString: $0) } ?? "error \(reason)"
    return TLSError(.fileSystem, "Cannot \(action) \(path): \(text); check the path, its owner and the space left")
  }
}

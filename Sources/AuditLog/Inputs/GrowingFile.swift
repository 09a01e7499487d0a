// A file that is being written, and now and then replaced.

internal import Compression
internal import Glibc

/// Reads a path from the beginning of its file, then what is appended, then the file that takes its place.
final class GrowingFile: FollowedLog {
  private let path: String
  /// The file that is being read, kept open when its name is gone: its last lines are still wanted.
  private var file: OpenFile?
  /// Whether a file was read before, so that the next one begins anew.
  private var isReopened = false
  /// Whether another file was seen under the name at the last look.
  private var isReplaced = false
  /// How often in a row the file was there and could not be opened.
  private var failedLooks = 0

  init(_ path: String) { self.path = path }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> FollowedPiece {
    guard let file else {
      if let piece = open() { return piece }
      return unsafe read(into: buffer)
    }
    if file.hasChanged() {
      file.rewind()
      return .restarted
    }
    let count = unsafe file.read(into: buffer)
    guard count >= 0 else { return .ended(problem: "cannot be read: \(FileStatus.failure)") }
    if count > 0 {
      isReplaced = false
      if file.isHead, let problem = unsafe Self.problem(withHead: buffer[..<count]) { return .ended(problem: problem) }
      return .bytes(count)
    }
    return lookForReplacement(of: file)
  }

  /// What makes following impossible, told from the first bytes.
  static func problem(withHead head: Slice<UnsafeMutableRawBufferPointer>) -> String? {
    let format = unsafe CompressionFormat.of(head)
    guard format != .plain else { return nil }
    return "is compressed with \(format.rawValue) and cannot be followed; replay it without --follow"
  }

  /// Opens the file under the name; nil when its bytes come next.
  private func open() -> FollowedPiece? {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      // It may come back, or get its rights: a rotation is under way.
      if errno == ENOENT { return .nothing }
      failedLooks += 1
      guard failedLooks >= AuditLogLimits.failedLooksMax else { return .nothing }
      return .ended(problem: "cannot be opened: \(FileStatus.failure)")
    }
    failedLooks = 0
    let opened = OpenFile(descriptor)
    guard opened.status()?.kind == .regular else { return .ended(problem: "is not a regular file any more") }
    file = opened
    defer { isReopened = true }
    return isReopened ? .restarted : nil
  }

  /// Called at the end of the file: goes over to the one that took its name.
  private func lookForReplacement(of file: OpenFile) -> FollowedPiece {
    guard let new = FileStatus.of(path), let old = file.status(), new.identity != old.identity else {
      isReplaced = false
      return .nothing
    }
    // Whoever writes may not have noticed yet, and another line may have come since the last byte was read. So the old
    // file is looked at once more, after a pause.
    guard isReplaced else {
      isReplaced = true
      return .nothing
    }
    isReplaced = false
    self.file = nil
    return open() ?? .nothing
  }
}

/// An open file and how far it was read.
private final class OpenFile {
  private let descriptor: Int32
  private var offset = 0
  private var fingerprint: [UInt8] = []
  /// Whether the bytes that were read last are the first ones.
  private(set) var isHead = false

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  func status() -> FileStatus? { FileStatus.of(descriptor: descriptor) }

  func rewind() {
    offset = 0
    fingerprint = []
  }

  /// Whether the file was emptied, or written anew, since it was read last.
  func hasChanged() -> Bool {
    guard offset > 0, let status = status() else { return false }
    if status.size < offset { return true }
    var now = [UInt8](repeating: 0, count: fingerprint.count)
    let count = unsafe now.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
    return count >= 0 && now[..<count] != fingerprint[...]
  }

  /// Reads on; 0 at the end, -1 with the reason in `errno`.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = unsafe pread(descriptor, buffer.baseAddress, buffer.count, offset)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count }
      isHead = offset == 0
      let missing = AuditLogLimits.fingerprintBytes - fingerprint.count
      if missing > 0 { unsafe fingerprint += buffer[..<min(count, missing)] }
      offset += count
      return count
    }
  }
}

// From the paths of a command line to files in a stable order, and from a file to its bytes.

internal import Glibc

/// A file to be checked.
package struct ManifestFile: Sendable, Equatable {
  /// As the user would name it; `-` is standard input.
  package var path: String
  /// Whether the user named this very file, rather than a folder above it.
  package var isNamed: Bool
}

/// Finds and reads manifests.
package enum ManifestFiles {
  /// Standard input among paths.
  package static let standardInput = "-"

  private static let extensions = [".yaml", ".yml", ".json"]

  /// Folders inside one another; more are a loop of mounts or somebody's joke.
  private static let folderLevelsMax = 100

  /// Turns paths into files: a folder gives its `.yaml`, `.yml` and `.json` files at any depth, in the order of their names.
  ///
  /// Hidden files count, as they do for kubectl. Left out are `.git`, and folders behind symbolic links, which might lead
  /// round in a circle.
  package static func resolve(_ paths: [String]) -> (files: [ManifestFile], problems: [InputProblem]) {
    var files: [ManifestFile] = []
    var problems: [InputProblem] = []
    for path in paths {
      guard path != standardInput, isFolder(path) else {
        files.append(ManifestFile(path: path, isNamed: true))
        continue
      }
      let before = files.count
      let problemsBefore = problems.count
      collect(path, level: 0, into: &files, &problems)
      if files.count == before, problems.count == problemsBefore {
        problems.append(InputProblem(file: path, message: "there are no .yaml, .yml or .json files in this folder"))
      }
    }
    return (files, problems)
  }

  /// Reads a file, or standard input for `-`, with spare room behind its bytes.
  ///
  /// - Parameters:
  ///   - bytesMax: a larger file is refused, and not read to its end.
  ///   - regularOnly: whether pipes are refused, which can be read once, and from which nothing may ever come.
  /// - Throws: `ManifestFileError`, with the reason the system gives.
  package static func read(
    _ path: String,
    bytesMax: Int = ManifestLimits.inputBytesMax,
    regularOnly: Bool = false
  ) throws(ManifestFileError) -> [UInt8] {
    let isStandardInput = path == standardInput
    let flags = O_RDONLY | O_CLOEXEC | (regularOnly ? O_NONBLOCK : 0)
    let descriptor = isStandardInput ? STDIN_FILENO : unsafe open(path, flags)
    guard descriptor >= 0 else { throw ManifestFileError("cannot be opened: \(reason())") }
    defer { if !isStandardInput { close(descriptor) } }
    var status = stat()
    let isRegular = unsafe fstat(descriptor, &status) == 0 && (status.st_mode & S_IFMT) == S_IFREG
    guard isRegular || !regularOnly || isStandardInput else {
      throw ManifestFileError("is not a regular file: write what it gives into one")
    }
    let known = isRegular ? Int(status.st_size) : 0
    let tooLarge = ManifestFileError("is larger than \(bytesMax >> 20) MiB; split it into smaller files")
    guard known <= bytesMax else { throw tooLarge }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(known + ManifestLimits.sparePaddingBytes)
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw ManifestFileError("cannot be read: \(reason())")
      }
      bytes += chunk[..<count]
      guard bytes.count <= bytesMax else { throw tooLarge }
    }
  }

  /// The visible `.yaml`, `.yml` and `.json` files of one folder, by name; nil when `path` is no folder.
  ///
  /// - Throws: `ManifestFileError` when it cannot be listed.
  package static func visibleNames(inFolder path: String) throws(ManifestFileError) -> [String]? {
    guard path != standardInput, isFolder(path) else { return nil }
    guard let names = entries(of: path) else { throw ManifestFileError("cannot be listed: \(reason())") }
    return names.filter { name in
      !name.hasPrefix(".") && extensions.contains { name.lowercased().hasSuffix($0) } && !isFolder("\(path)/\(name)")
    }
  }

  private static func collect(
    _ folder: String,
    level: Int,
    into files: inout [ManifestFile],
    _ problems: inout [InputProblem]
  ) {
    guard level < folderLevelsMax else {
      problems.append(InputProblem(file: folder, message: "lies more than \(folderLevelsMax) folders deep"))
      return
    }
    guard let names = entries(of: folder) else {
      problems.append(InputProblem(file: folder, message: "cannot be listed: \(reason())"))
      return
    }
    for name in names where name != ".git" {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      if isFolder(path) {
        if !isSymbolicLink(path) { collect(path, level: level + 1, into: &files, &problems) }
      } else if extensions.contains(where: { name.lowercased().hasSuffix($0) }) {
        guard isRegularFile(path) else {
          problems.append(InputProblem(file: path, message: "is not a regular file, or a link to none; remove it"))
          continue
        }
        files.append(ManifestFile(path: path, isNamed: false))
      }
    }
  }

  /// The names in a folder, sorted byte by byte so that every machine has the same order.
  private static func entries(of folder: String) -> [String]? {
    guard let stream = unsafe opendir(folder) else { return nil }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
  }

  private static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFREG
  }

  private static func isSymbolicLink(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFLNK
  }

  private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}

/// Why a file has no bytes to check.
package struct ManifestFileError: Error, CustomStringConvertible {
  package let description: String

  /// Creates an error from its words, which follow the file's name.
  package init(_ description: String) { self.description = description }
}

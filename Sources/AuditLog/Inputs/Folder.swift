// What is in a folder.

internal import Glibc

/// Lists folders.
enum Folder {
  /// The names in a folder but `.` and `..`, sorted byte by byte; nil, with the reason in `errno`, on failure.
  static func names(in folder: String) -> [String]? {
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

  /// The path of an entry of a folder; the empty path is the folder we are in.
  static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}

/// Goes through a folder and the folders in it.
///
/// Left out are hidden folders, and those behind symbolic links, which might lead round in a circle.
struct FolderWalk {
  /// Files of any kind, that are not hidden.
  private(set) var files: [(path: String, status: FileStatus)] = []
  /// The folder itself and those in it.
  private(set) var folders: [String] = []
  private(set) var problems: [LogInputProblem] = []

  init(_ root: String) {
    var pending = [(path: root, level: 0)]
    while let folder = pending.popLast() {
      folders.append(folder.path)
      guard let names = Folder.names(in: folder.path.isEmpty ? "." : folder.path) else {
        problems.append(LogInputProblem(path: folder.path, message: "cannot be listed: \(FileStatus.failure)"))
        continue
      }
      for name in names where !name.hasPrefix(".") {
        let path = Folder.join(folder.path, name)
        guard let status = FileStatus.of(path) else {
          // A file that was removed since the listing is no loss: it is a rotation's business. One whose name is no UTF-8
          // cannot be found under the name that was made of it.
          if name.unicodeScalars.contains("\u{FFFD}") {
            problems.append(
              LogInputProblem(path: path, message: "its name is not UTF-8, so it was not read; rename it")
            )
          } else if errno != ENOENT || FileStatus.isSymbolicLink(path) {
            problems.append(LogInputProblem(path: path, message: "cannot be examined: \(FileStatus.failure)"))
          }
          continue
        }
        guard status.kind == .folder else {
          files.append((path, status))
          continue
        }
        guard !FileStatus.isSymbolicLink(path) else { continue }
        if folder.level < AuditLogLimits.folderLevelsMax {
          pending.append((path, folder.level + 1))
        } else {
          let message = "lies more than \(AuditLogLimits.folderLevelsMax) folders deep and was not read"
          problems.append(LogInputProblem(path: path, message: message))
        }
      }
    }
  }
}

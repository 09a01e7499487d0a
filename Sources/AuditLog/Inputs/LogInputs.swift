// From the paths of a command line to the logs they stand for, in the order in which they were written.

internal import Compression
internal import Evaluation
internal import Glibc

/// Finds logs.
package enum LogInputs {
  /// A log that was found.
  private struct Candidate {
    var file: LogFile
    /// Its path below the folder or pattern that was named.
    var relativePath: String
    var identity: FileStatus.Identity
    /// When it was changed last, in microseconds since the epoch.
    var modified: Int64
  }

  /// Turns paths into files.
  ///
  /// A path is a file, a folder (its regular files at any depth), a pattern with `*`, `?`, `[a-z]` or `**` when there
  /// is no file of that very name, or `-` for standard input. In folders, and by patterns, hidden files and folders are
  /// left out, and so are folders behind symbolic links. A file that is reached in several ways is read once.
  ///
  /// All files together are in the order of the first times in them, whatever the order of the paths: to know what an
  /// object was before, its history must come in order. A file without any time has the time at which it was last
  /// changed; files of the same time are in the order of their paths. Streams come last, as they are named.
  ///
  /// - Parameters:
  ///   - shard: the part of the files to give; nil for all of them. Problems are those of all paths.
  ///   - excluded: files that are no logs, whatever leads to them: what this process writes, and descriptions of logs.
  package static func resolve(
    _ paths: [String],
    shard: Shard? = nil,
    excluding excluded: [String] = []
  ) -> (files: [LogFile], problems: [LogInputProblem]) {
    var candidates: [Candidate] = []
    var problems: [LogInputProblem] = []
    for path in paths { collect(path, into: &candidates, &problems) }
    let left = Set(excluded.compactMap { FileStatus.of($0)?.identity })
    candidates.removeAll { left.contains($0.identity) }
    var chosen = unique(candidates)
    if let shard { chosen.removeAll { !shard.contains($0.relativePath) } }
    return (inOrder(chosen, &problems), problems)
  }

  /// The regular files that paths stand for; none is opened.
  package static func regularFiles(_ paths: [String]) -> [String] {
    var candidates: [Candidate] = []
    var problems: [LogInputProblem] = []
    for path in paths { collect(path, into: &candidates, &problems) }
    return unique(candidates).filter(\.file.isRegular).map(\.file.path)
  }

  /// The first of some files to be written that is named as a log as well.
  package static func firstOverwritten(of paths: [String], by outputs: [String]) -> String? {
    let read = Set(paths.compactMap { FileStatus.of($0) }.filter { $0.kind == .regular }.map(\.identity))
    return outputs.first { FileStatus.of($0).map { read.contains($0.identity) } ?? false }
  }

  // MARK: - Finding

  private static func collect(
    _ path: String,
    into candidates: inout [Candidate],
    _ problems: inout [LogInputProblem]
  ) {
    if path == LogFile.standardInputPath {
      let identity = FileStatus.of(descriptor: STDIN_FILENO)?.identity ?? FileStatus.Identity(device: 0, inode: 0)
      candidates.append(Candidate(file: .standardInput, relativePath: path, identity: identity, modified: 0))
      return
    }
    if let status = FileStatus.of(path) {
      add(path, status, below: nil, to: &candidates, &problems)
      return
    }
    let reason = FileStatus.failure
    guard NamePattern.isPattern(path) else {
      problems.append(LogInputProblem(path: path, message: "cannot be read: \(reason)"))
      return
    }
    let expansion = PathPattern.expand(path)
    problems += expansion.problems
    for match in expansion.paths {
      guard let status = FileStatus.of(match) else {
        problems.append(LogInputProblem(path: match, message: "cannot be examined: \(FileStatus.failure)"))
        continue
      }
      add(match, status, below: expansion.root, to: &candidates, &problems)
    }
    if expansion.paths.isEmpty, expansion.problems.isEmpty {
      problems.append(LogInputProblem(path: path, message: "there is no such file, and no file matches the pattern"))
    }
  }

  /// Adds a file, or the files of a folder; `root` is what a pattern is below.
  private static func add(
    _ path: String,
    _ status: FileStatus,
    below root: String?,
    to candidates: inout [Candidate],
    _ problems: inout [LogInputProblem]
  ) {
    guard status.kind == .folder else {
      candidates.append(candidate(path, status, below: root ?? ""))
      return
    }
    let walk = FolderWalk(path)
    problems += walk.problems
    // Pipes and sockets in a folder are not logs, and would be waited for.
    let regular = walk.files.filter { $0.status.kind == .regular }
    candidates += regular.map { candidate($0.path, $0.status, below: root ?? path) }
    if regular.isEmpty, walk.problems.isEmpty {
      problems.append(LogInputProblem(path: path, message: "there are no files in this folder that are not hidden"))
    }
  }

  private static func candidate(_ path: String, _ status: FileStatus, below root: String) -> Candidate {
    let isRegular = status.kind == .regular
    let relative = path.hasPrefix(root) ? String(path.dropFirst(root.count).drop { $0 == "/" }) : path
    return Candidate(
      file: LogFile(path: path, name: path, size: isRegular ? status.size : 0, isRegular: isRegular),
      relativePath: root.isEmpty ? path : relative,
      identity: status.identity,
      modified: status.modified
    )
  }

  /// Each file once.
  ///
  /// Which of several paths stays must not depend on their order, or two shards might both read the file.
  private static func unique(_ candidates: [Candidate]) -> [Candidate] {
    var first: [FileStatus.Identity: Int] = [:]
    for (index, candidate) in candidates.enumerated() {
      guard let other = first[candidate.identity] else {
        first[candidate.identity] = index
        continue
      }
      if precedes(candidate, candidates[other]) { first[candidate.identity] = index }
    }
    return candidates.indices.filter { first[candidates[$0].identity] == $0 }.map { candidates[$0] }
  }

  private static func precedes(_ left: Candidate, _ right: Candidate) -> Bool {
    left.relativePath == right.relativePath
      ? left.file.path.utf8.lexicographicallyPrecedes(right.file.path.utf8)
      : left.relativePath.utf8.lexicographicallyPrecedes(right.relativePath.utf8)
  }

  // MARK: - Order

  private static func inOrder(_ candidates: [Candidate], _ problems: inout [LogInputProblem]) -> [LogFile] {
    var timed: [(time: Int64, file: LogFile)] = []
    for candidate in candidates where candidate.file.isRegular {
      do throws(InputError) {
        let time = try FirstTime.of(candidate.file)
        timed.append((time?.microseconds ?? candidate.modified, candidate.file))
      } catch {
        problems.append(LogInputProblem(path: candidate.file.name, message: error.description))
      }
    }
    timed.sort { left, right in
      left.time == right.time
        ? left.file.path.utf8.lexicographicallyPrecedes(right.file.path.utf8) : left.time < right.time
    }
    return timed.map(\.file) + candidates.lazy.map(\.file).filter { !$0.isRegular }
  }
}

// From what `hostfence replay` is told to read to logs: a description of a dataset stands for those that it names.

internal import AttackData
internal import AuditLog
internal import Manifests

/// The logs of a replay.
struct ReplayInputs {
  /// Files, folders and globs.
  private(set) var paths: [String]
  /// Files that are no logs: descriptions, and what this replay writes.
  private(set) var excluded: [String]
  private var described: [FileStatus.Identity: (dataset: AttackDataset, log: AttackDataset.Log)] = [:]

  /// Reads the descriptions to which some paths lead.
  ///
  /// - Parameter outputs: what this replay writes.
  /// - Throws: `Failure` for one that cannot be read, or whose log is not there.
  init(_ paths: [String], outputs: [String]) throws {
    self.paths = paths
    excluded = outputs
    for file in LogInputs.regularFiles(paths) where AttackDataset.isDescription(file) {
      do throws(InputProblem) {
        // What merely lies in a folder with logs need not be a description; it is judged as a log, and told of.
        guard let dataset = try Self.dataset(file, isNamed: paths.contains(file)) else { continue }
        try add(dataset, from: file)
      } catch {
        let place = error.position.map { "\(file):\($0.line):\($0.column):" } ?? file
        throw Failure("\(place) \(error.message)")
      }
    }
    if let file = LogInputs.firstOverwritten(of: Array(self.paths.dropFirst(paths.count)), by: outputs) {
      throw Failure("\(file) would be overwritten before it is read: it is a dataset's log and an output; name another")
    }
  }

  /// What a description says of a log; nil when none names it.
  func description(of file: LogFile) -> (dataset: AttackDataset, log: AttackDataset.Log)? {
    FileStatus.of(file.path).flatMap { described[$0.identity] }
  }

  private static func dataset(_ file: String, isNamed: Bool) throws(InputProblem) -> AttackDataset? {
    do throws(InputProblem) {
      return try AttackDataset(bytes(of: file), file: file)
    } catch {
      guard isNamed else { return nil }
      throw error
    }
  }

  private static func bytes(of file: String) throws(InputProblem) -> [UInt8] {
    do throws(ManifestFileError) {
      return try ManifestFiles.read(file)
    } catch {
      throw InputProblem(file: file, message: error.description)
    }
  }

  private mutating func add(_ dataset: AttackDataset, from file: String) throws(InputProblem) {
    excluded.append(file)
    for log in dataset.logs {
      guard let path = log.paths.first(where: { LogFile(at: $0).isRegular }) else {
        let message = "the log of this dataset is not there: looked for \(log.paths[0])"
        throw log.place.problem(log.paths.count > 1 ? "\(message), and from the folders above" : message)
      }
      guard !Self.isPointer(path) else {
        throw log.place.problem("\(path) is not fetched yet, Git LFS keeps its place: run `git lfs pull` for it")
      }
      paths.append(path)
      if let identity = FileStatus.of(path)?.identity, described[identity] == nil {
        described[identity] = (dataset, log)
      }
    }
  }

  /// Whether Git LFS has not fetched a file (git-lfs, docs/spec.md: pointers have less than 1,024 bytes).
  private static func isPointer(_ path: String) -> Bool {
    guard let bytes = try? ManifestFiles.read(path, bytesMax: 1_024) else { return false }
    return bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8)
  }
}

// From what `hostfence replay` is told to read to logs: a description of a dataset stands for those that it names.

internal import AuditLog
internal import EventCollector
internal import Manifests

/// The logs of a replay.
struct ReplayInputs {
  /// Files, folders and globs.
  private(set) var paths: [String] = []
  /// What descriptions of datasets say of logs, by path.
  private(set) var metadata: [String: LogMetadata] = [:]

  /// Reads the descriptions among some paths.
  ///
  /// - Throws: `Failure` for one that cannot be read, or whose log is not there.
  init(_ named: [String]) throws {
    for path in named {
      guard AttackDataset.isDescription(path), LogFile(at: path).isRegular else {
        paths.append(path)
        continue
      }
      do throws(InputProblem) {
        try add(Self.dataset(path), from: path)
      } catch {
        let place = error.position.map { "\(path):\($0.line):\($0.column):" } ?? path
        throw Failure("\(place) \(error.message)")
      }
    }
  }

  private static func dataset(_ path: String) throws(InputProblem) -> AttackDataset {
    var bytes: [UInt8] = []
    do throws(ManifestFileError) {
      bytes = try ManifestFiles.read(path)
    } catch {
      throw InputProblem(file: path, message: error.description)
    }
    return try AttackDataset(bytes, file: path)
  }

  private mutating func add(_ dataset: AttackDataset, from file: String) throws(InputProblem) {
    for log in dataset.logs {
      guard let place = log.paths.first(where: { LogFile(at: $0).isRegular }) else {
        let message = "the log of this dataset is not there: looked for \(log.paths[0])"
        throw InputProblem(
          file: file,
          position: log.position,
          message: log.paths.count > 1 ? "\(message), and from the folders above" : message
        )
      }
      guard !Self.isPointer(place) else {
        throw InputProblem(
          file: file,
          position: log.position,
          message: "\(place) is not fetched yet, Git LFS keeps its place: run `git lfs pull` for it"
        )
      }
      paths.append(place)
      metadata[place] = metadata[place] ?? log.metadata
    }
  }

  /// Whether Git LFS has not fetched a file (git-lfs, docs/spec.md: pointers have less than 1,024 bytes).
  private static func isPointer(_ path: String) -> Bool {
    guard let bytes = try? ManifestFiles.read(path, bytesMax: 1_024) else { return false }
    return bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8)
  }
}

// The descriptions of datasets in Splunk's attack_data repository: logs, and what Splunk is to be told of them.

package import Manifests

/// A dataset description (splunk/attack_data, bin/dataset_schema.json and bin/replay.py).
package struct AttackDataset: Sendable {
  /// A log of the dataset; what the description does not say of it is nil.
  package struct Log: Sendable {
    /// Where it may be, in the order in which to look.
    package let paths: [String]
    package let index: String?
    package let source: String?
    package let sourcetype: String?
    /// Where the description names it.
    package let place: SourcePlace
  }

  /// What Splunk is to be told as the host of all its logs; nil when the description has none.
  package let id: String?
  package let logs: [Log]

  /// Whether a path is one of a description.
  package static func isDescription(_ path: String) -> Bool {
    let name = path.lowercased()
    return name.hasSuffix(".yml") || name.hasSuffix(".yaml")
  }

  /// Reads a description.
  ///
  /// - Parameter file: its path, from which those in it are meant: absolute ones from the root of the repository, which
  ///   is one of the folders above.
  /// - Throws: `InputProblem`, with the line where there is one.
  package init(_ bytes: [UInt8], file: String) throws(InputProblem) {
    let root = try Self.root(bytes, file)
    if let addresses = root.members.first(where: { $0.key == "dataset" }) {
      throw addresses.place.problem("this dataset names its logs by address: fetch them, and replay the files")
    }
    id = root["id"]?.text
    var logs: [Log] = []
    for entry in root["datasets"]?.elements ?? [] {
      guard let path = entry["path"]?.text, !path.isEmpty else {
        throw entry.place.problem("this dataset has no path: name the log, from here or from the repository's root")
      }
      logs.append(
        Log(
          paths: Self.places(of: path, in: file),
          index: entry["index"]?.text,
          source: entry["source"]?.text,
          sourcetype: entry["sourcetype"]?.text,
          place: entry.place
        )
      )
    }
    guard !logs.isEmpty else {
      throw InputProblem(file: file, message: "is no description of a dataset: it has no list of datasets with paths")
    }
    self.logs = logs
  }

  private static func root(_ bytes: [UInt8], _ file: String) throws(InputProblem) -> SourceNode {
    let documents = ManifestText.documents(in: bytes)
    guard let first = documents.first else {
      throw InputProblem(file: file, message: "is empty, and no description of a dataset")
    }
    guard documents.count == 1 else { throw InputProblem(file: file, message: "has several documents: keep one") }
    switch first {
    case .success(let document): return try SourceNode(document, file: file)
    case .failure(let error): throw InputProblem(file: file, position: error.position, message: error.message)
    }
  }

  /// Folders, that of a description and those above it, in which the root of the repository is looked for.
  private static let foldersMax = 16

  private static func places(of path: String, in file: String) -> [String] {
    var folder = file.split(separator: "/").dropLast().filter { $0 != "." }
    let isAbsolute = file.hasPrefix("/")
    func join(_ path: Substring) -> String { (isAbsolute ? "/" : "") + (folder + [path]).joined(separator: "/") }
    guard path.hasPrefix("/") else { return [join(path[...])] }
    var places: [String] = []
    while places.count < foldersMax {
      places.append(join(path.drop { $0 == "/" }))
      if let last = folder.last, last != ".." {
        folder.removeLast()
      } else if isAbsolute, folder.isEmpty {
        break
      } else {
        folder.append("..")
      }
    }
    return places
  }
}

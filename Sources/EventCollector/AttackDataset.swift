// The descriptions of datasets in Splunk's attack_data repository: logs, and what Splunk is to be told of them.

internal import JSONDocument
package import Manifests

/// A dataset description (splunk/attack_data, bin/dataset_schema.json and bin/replay.py).
package struct AttackDataset: Sendable, Equatable {
  /// A log of the dataset.
  package struct Log: Sendable, Equatable {
    /// Where it may be, in the order in which to look.
    package var paths: [String]
    package var metadata: LogMetadata
    /// Where the description names it.
    package var position: SourcePosition
  }

  package var logs: [Log]

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
    var documents = ManifestText.documents(in: bytes).makeIterator()
    let document: RenderedDocument
    switch documents.next() {
    case .success(let first): document = first
    case .failure(let error): throw InputProblem(file: file, position: error.position, message: error.message)
    case nil: throw InputProblem(file: file, message: "is empty, and no description of a dataset")
    }
    guard documents.next() == nil else { throw InputProblem(file: file, message: "has several documents: keep one") }
    var reading = Reading(file: file, positions: document.keyPositions)
    var outcome: Result<[Log], InputProblem> = .success([])
    do throws(JSONError) {
      outcome = try JSONParser().withDocument(document.json) { root in reading.logs(of: root) }
    } catch {
      throw InputProblem(file: file, message: "\(error)")
    }
    logs = try outcome.get()
  }
}

extension AttackDataset {
  /// One reading of a document, which counts keys to know where they stand.
  private struct Reading {
    let file: String
    let positions: [SourcePosition]
    private var keysSeen = 0

    init(file: String, positions: [SourcePosition]) {
      self.file = file
      self.positions = positions
    }

    mutating func logs(of root: borrowing JSONValue) -> Result<[Log], InputProblem> {
      let host = root.string("id") ?? LogMetadata.usual.host
      var logs: [Log] = []
      var rest = root.members
      while let member = rest.next() {
        let position = nextPosition
        keysSeen += 1
        switch member.key.string {
        case "datasets" where member.value.isArray:
          var entries = member.value.elements
          while let entry = entries.next() {
            let position = Self.keyCount(of: entry) > 0 ? nextPosition : position
            guard let path = entry.string("path"), !path.isEmpty else {
              return problem(
                position,
                "this dataset has no path: name the log, from here or from the repository's root"
              )
            }
            let metadata = LogMetadata(
              index: entry.string("index"),
              source: entry.string("source") ?? LogMetadata.usual.source,
              sourcetype: entry.string("sourcetype") ?? LogMetadata.usual.sourcetype,
              host: host
            )
            logs.append(Log(paths: Self.places(of: path, in: file), metadata: metadata, position: position))
            keysSeen += Self.keyCount(of: entry)
          }
        case "dataset":
          return problem(position, "this dataset names its logs by address: fetch them, and replay the files")
        default: keysSeen += Self.keyCount(of: member.value)
        }
      }
      guard !logs.isEmpty else {
        return .failure(
          InputProblem(file: file, message: "is no description of a dataset: it has no list of datasets with paths")
        )
      }
      return .success(logs)
    }

    private var nextPosition: SourcePosition {
      keysSeen < positions.count ? positions[keysSeen] : SourcePosition(line: 1, column: 1)
    }

    private func problem(_ position: SourcePosition, _ message: String) -> Result<[Log], InputProblem> {
      .failure(InputProblem(file: file, position: position, message: message))
    }

    /// The keys of a value and of all in it; as deep as the parser goes.
    private static func keyCount(of value: borrowing JSONValue) -> Int {
      var count = 0
      if value.isObject {
        var rest = value.members
        while let member = rest.next() { count += 1 + keyCount(of: member.value) }
      } else if value.isArray {
        var rest = value.elements
        while let element = rest.next() { count += keyCount(of: element) }
      }
      return count
    }

    /// Folders above a description in which the root of the repository is looked for.
    private static let foldersMax = 16

    private static func places(of path: String, in file: String) -> [String] {
      var folder = file.split(separator: "/", omittingEmptySubsequences: true).dropLast().filter { $0 != "." }
      let isAbsolute = file.hasPrefix("/")
      func join(_ path: String) -> String {
        (isAbsolute ? "/" : "") + (folder + [path[...]]).joined(separator: "/")
      }
      guard path.hasPrefix("/") else { return [join(path)] }
      let inRepository = String(path.drop { $0 == "/" })
      var places: [String] = []
      for _ in 0..<foldersMax {
        places.append(join(inRepository))
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
}

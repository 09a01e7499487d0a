// The files of a policy: which they are, in which order, and what they say.

package import Manifests

/// One file of a policy, as read.
package struct PolicyText: Sendable {
  package let file: String
  package let content: Result<[UInt8], ManifestFileError>

  /// Creates a text.
  package init(file: String, content: Result<[UInt8], ManifestFileError>) {
    self.file = file
    self.content = content
  }

  /// Reads the files that `--policy` names.
  ///
  /// A folder gives its `.yaml`, `.yml` and `.json` files, not those of folders in it nor hidden ones, which is what a
  /// mounted ConfigMap needs (its `..data` is behind links). All files together are taken in the order of their names.
  package static func read(_ paths: [String]) -> [PolicyText] {
    var files: [String] = []
    var problems: [PolicyText] = []
    for path in paths {
      do throws(ManifestFileError) {
        guard let names = try ManifestFiles.visibleNames(inFolder: path) else {
          files.append(path)
          continue
        }
        if names.isEmpty { throw ManifestFileError("there are no .yaml, .yml or .json files in this folder") }
        files += names.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
      } catch {
        problems.append(PolicyText(file: path, content: .failure(error)))
      }
    }
    for (file, uses) in Dictionary(grouping: files, by: \.self) where uses.count > 1 {
      problems.append(
        PolicyText(file: file, content: .failure(ManifestFileError("is named more than once: name it once")))
      )
    }
    let ordered = Set(files).sorted { (name(of: $0), $0) < (name(of: $1), $1) }
    return problems
      + ordered.map { file in
        do throws(ManifestFileError) {
          return PolicyText(file: file, content: .success(try contents(of: file)))
        } catch {
          return PolicyText(file: file, content: .failure(error))
        }
      }
  }

  /// Bytes of the largest policy file: eight times what a ConfigMap holds, as a file need not come from one.
  package static let fileBytesMax = 8 << 20

  private static func contents(of file: String) throws(ManifestFileError) -> [UInt8] {
    try ManifestFiles.read(file, bytesMax: fileBytesMax, regularOnly: true)
  }

  private static func name(of path: String) -> Substring { path.split(separator: "/").last ?? path[...] }
}

extension PolicyText: Equatable {
  package static func == (left: PolicyText, right: PolicyText) -> Bool {
    guard left.file == right.file else { return false }
    switch (left.content, right.content) {
    case (.success(let left), .success(let right)): return left == right
    case (.failure(let left), .failure(let right)): return left.description == right.description
    default: return false
    }
  }
}

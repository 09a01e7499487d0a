// Patterns of paths, expanded here so that they can be quoted, or stand in a container's arguments where no shell is.

/// Finds the paths that match a pattern.
enum PathPattern {
  /// What a pattern stands for.
  struct Expansion {
    /// The folder above the first component that is a pattern.
    var root: String
    /// Sorted byte by byte.
    var paths: [String]
    var problems: [LogInputProblem]
  }

  /// Any number of folders inside one another, or none.
  private static let anyFolders = "**"

  /// Expands a pattern; a component `**` stands for any number of folders.
  static func expand(_ pattern: String) -> Expansion {
    var components = pattern.split(separator: "/").map(String.init)
    // `logs/**` means every file below.
    if components.last == anyFolders { components.append("*") }
    var paths = [pattern.hasPrefix("/") ? "/" : ""]
    var expansion = Expansion(root: paths[0], paths: [], problems: [])
    var isBelowRoot = false
    var previous = ""
    for component in components {
      defer { previous = component }
      if !isBelowRoot, NamePattern.isPattern(component) {
        isBelowRoot = true
        expansion.root = paths[0]
      }
      if component == anyFolders {
        if previous != anyFolders { paths = folders(below: paths, &expansion.problems) }
      } else if NamePattern.isPattern(component) {
        let name = NamePattern(component)
        paths = paths.flatMap { matches(of: name, in: $0, &expansion.problems) }
      } else {
        paths = paths.map { Folder.join($0, component) }.filter { !isBelowRoot || FileStatus.of($0) != nil }
      }
    }
    expansion.paths = sortedUnique(paths)
    return expansion
  }

  private static func matches(
    of name: NamePattern,
    in folder: String,
    _ problems: inout [LogInputProblem]
  ) -> [String] {
    let path = folder.isEmpty ? "." : folder
    guard FileStatus.of(path)?.kind == .folder else { return [] }
    guard let names = Folder.names(in: path) else {
      problems.append(LogInputProblem(path: path, message: "cannot be listed: \(FileStatus.failure)"))
      return []
    }
    return names.filter(name.matches).map { Folder.join(folder, $0) }
  }

  private static func folders(below roots: [String], _ problems: inout [LogInputProblem]) -> [String] {
    var folders: [String] = []
    for root in roots where FileStatus.of(root.isEmpty ? "." : root)?.kind == .folder {
      let walk = FolderWalk(root)
      folders += walk.folders
      problems += walk.problems
    }
    return sortedUnique(folders)
  }

  private static func sortedUnique(_ paths: [String]) -> [String] {
    Set(paths).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

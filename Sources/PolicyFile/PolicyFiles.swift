// The files of a policy over time.

package import Evaluation

/// Reads the files of a policy again, and tells when they say something else.
///
/// What they say is compared, not their times: a mounted ConfigMap is swapped as a whole, and clocks may jump.
package struct PolicyFiles: Sendable {
  private let read: @Sendable () -> [PolicyText]
  private var seen: [PolicyText]

  /// Reads the files that `--policy` names.
  package init(_ paths: [String]) { self.init { PolicyText.read(paths) } }

  /// Reads whatever `read` gives.
  init(read: @escaping @Sendable () -> [PolicyText]) {
    self.read = read
    seen = read()
  }

  /// What the files said when they were last read.
  package func load(at now: Timestamp) -> PolicyLoad { PolicyLoad(seen, at: now) }

  /// Reads the files again; nil when they say the same.
  ///
  /// Files that change while they are read, one before the other, are left for the next call.
  package mutating func change(at now: Timestamp) -> PolicyLoad? {
    let texts = read()
    guard texts != seen, texts == read() else { return nil }
    seen = texts
    return load(at: now)
  }
}

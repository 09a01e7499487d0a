// How a reload of files went, as metrics count it.

/// What became of changed files.
enum ReloadOutcome: String, CaseIterable {
  /// They are in use.
  case success
  /// They cannot be used, and what was before stays.
  case failure
}

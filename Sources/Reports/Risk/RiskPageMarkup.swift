// Placeholder.

/// Placeholder.
enum RiskPageMarkup {
  static let text = #"""
    """#
}

// Placeholder.

/// Placeholder.
enum RiskPageStyle {
  static let text = #"""
    """#
}

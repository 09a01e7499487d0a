// Placeholder.

/// Placeholder.
enum RiskPageScript {
  static let text = #"""
    """#
}

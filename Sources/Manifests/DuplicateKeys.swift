// What is said about keys that an object has twice.

/// The wording for duplicate keys, the same for YAML and JSON.
enum DuplicateKeys {
  /// The error at the second key.
  static func error(at position: SourcePosition, first: SourcePosition) -> UnreadableInput {
    UnreadableInput(
      position: position,
      message:
        "This key is already set on line \(first.line), column \(first.column), of the same object; kubectl would silently "
        + "take the last one: keep one of the two."
    )
  }

  /// The warning at the second key.
  static func warning(first: SourcePosition) -> String {
    "This key is already set on line \(first.line), column \(first.column), of the same object; as with kubectl, the value here wins."
  }
}

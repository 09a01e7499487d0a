// What the text layer hands on: a document as JSON with the place of every key, or why there is none.

/// One document of an input as JSON text, with the place of every key in the source.
package struct RenderedDocument: Sendable {
  /// The document, one JSON object, in UTF-8.
  ///
  /// At least `ManifestLimits.sparePaddingBytes` of capacity lie behind it. Every key
  /// stands in it once per object.
  package let json: [UInt8]

  /// Where each key is written, in the order in which keys stand in `json`: the n-th key there is at `keyPositions[n]`.
  ///
  /// A key that came through an alias or a merge key is where the anchored text has it, because that is the line to
  /// change.
  package let keyPositions: [SourcePosition]

  /// Where the document's object begins.
  package let start: SourcePosition

  /// What was odd but readable, in the order of the text.
  package let warnings: [ManifestWarning]
}

/// Something readable that its author should know.
package struct ManifestWarning: Hashable, Sendable {
  /// The place that is meant.
  package let position: SourcePosition

  /// What is odd there and what follows from it, in one sentence or two.
  package let message: String
}

/// Why a document, or the rest of an input, cannot be read.
package struct UnreadableInput: Error, Hashable, Sendable, CustomStringConvertible {
  /// The place where reading failed.
  package let position: SourcePosition

  /// The reason and what to do about it.
  package let message: String

  /// Position and message in one line.
  package var description: String { "\(position): \(message)" }
}

/// What to do with a key that an object has twice.
package enum DuplicateKeyRule: Sendable {
  /// The document is unreadable, because its reader and kubectl may see different values.
  case error

  /// As kubectl does: the last one wins; here with a warning.
  case warn
}

/// The outcome for one document of an input.
package typealias ManifestResult = Result<RenderedDocument, UnreadableInput>

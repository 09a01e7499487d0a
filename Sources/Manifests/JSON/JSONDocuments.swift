// Reads the documents of an input that looks like JSON.

/// The outcome of reading an input as JSON.
struct JSONDocuments {
  /// One result per value, then the syntax error if there was one.
  private(set) var results: [ManifestResult] = []
  /// The byte offset of the syntax error at which reading stopped.
  private(set) var syntaxErrorOffset: Int?
  /// Whether the syntax error is an unquoted word, so that YAML may have been meant.
  private(set) var stoppedAtBareWord = false

  /// Reads all values of `bytes` from the start of the text.
  init(_ bytes: [UInt8], _ encoding: InputEncoding, duplicateKeys: DuplicateKeyRule) {
    var text = JSONText(bytes, from: encoding.textStart, duplicateKeys: duplicateKeys)
    while text.moveToNextValue() {
      do {
        let value = try text.value()
        if let malformed = encoding.malformed, malformed.offset < value.range.upperBound {
          fail(JSONText.Problem(offset: malformed.offset, message: malformed.message), &text)
          return
        }
        add(value, bytes)
      } catch {
        let malformed = encoding.malformed.flatMap { $0.offset <= error.offset ? $0 : nil }
        fail(malformed.map { JSONText.Problem(offset: $0.offset, message: $0.message) } ?? error, &text)
        return
      }
    }
  }

  private mutating func add(_ value: JSONText.Value, _ bytes: [UInt8]) {
    if let duplicate = value.duplicate {
      results.append(.failure(duplicate))
      return
    }
    guard bytes[value.range.lowerBound] == ASCII.leftBrace else {
      // A null is an empty document.
      if bytes[value.range].elementsEqual("null".utf8) { return }
      let name = bytes[value.range.lowerBound] == ASCII.leftBracket ? "an array" : "a single value"
      let message =
        "A manifest must be an object, but this is \(name); write each object by itself, or in the items of a List."
      results.append(.failure(UnreadableInput(position: value.start, message: message)))
      return
    }
    let text = CompactedText(
      of: bytes,
      value.range,
      positions: value.keyPositions,
      0..<value.keyPositions.count,
      dropped: value.dropped[...]
    )
    let document = RenderedDocument(
      json: text.bytes,
      keyPositions: text.positions,
      start: value.start,
      warnings: value.warnings
    )
    results.append(.success(document))
  }

  private mutating func fail(_ problem: JSONText.Problem, _ text: inout JSONText) {
    syntaxErrorOffset = problem.offset
    stoppedAtBareWord = problem.isBareWord
    let position = text.position(atOffset: problem.offset)
    results.append(.failure(UnreadableInput(position: position, message: problem.message + HelmTemplate.restUnread)))
  }
}

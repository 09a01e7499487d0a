// Writes the events of one YAML document as JSON.

/// Turns events into JSON text; the state of one document, reset for the next.
///
/// Maps are written straight out. A member that loses to a later one (duplicate keys, merge keys) stays in the text and
/// is left out when the document is finished, so that nothing that an alias refers to ever moves.
struct YAMLTranscriber: ~Copyable {
  /// An open map or list.
  struct Frame {
    /// What comes next in it.
    enum State { case element, key, value, mergeValue }

    let start: RenderedText.Mark
    let anchor: Int?
    let isObject: Bool
    var state: State
    var isEmpty = true
    /// Levels of maps and lists in it, itself included.
    var height = 1
  }

  let duplicateKeys: DuplicateKeyRule
  var text = RenderedText()
  var keys = ObjectKeys()
  var frames: [Frame] = []
  var anchors = YAMLAnchors()
  var warnings: [ManifestWarning] = []
  var source: YAMLSource
  private var warningsOmitted = 0
  private var root: Root = .none

  private enum Root {
    case none, null
    case object(start: SourcePosition)
  }

  /// A transcriber for the documents of one input.
  init(_ source: YAMLSource, duplicateKeys: DuplicateKeyRule) {
    self.source = source
    self.duplicateKeys = duplicateKeys
  }

  /// Begins a document.
  mutating func begin() {
    text.removeAll()
    keys.removeAll()
    frames.removeAll(keepingCapacity: true)
    anchors.removeAll()
    warnings = []
    warningsOmitted = 0
    root = .none
  }

  /// Takes in one event of a document's content.
  mutating func take(_ kind: YAMLEventReader.Kind, _ reader: borrowing YAMLEventReader) throws(UnreadableInput) {
    switch kind {
    case .scalar: try takeScalar(reader)
    case .mappingStart: try open(isObject: true, reader)
    case .sequenceStart: try open(isObject: false, reader)
    case .mappingEnd, .sequenceEnd: try close(reader)
    case .alias: try takeAlias(reader)
    default: break
    }
  }

  /// The finished document; nil if it was empty or null.
  mutating func finish() -> RenderedDocument? {
    guard case .object(let start) = root else { return nil }
    if warningsOmitted > 0, let last = warnings.last {
      warnings.append(
        ManifestWarning(
          position: last.position,
          message: "\(warningsOmitted) more keys of this document are set twice; they are not listed."
        )
      )
    }
    let result = text.compacted(from: RenderedText.Mark(bytes: 0, positions: 0, dropped: 0))
    return RenderedDocument(json: result.bytes, keyPositions: result.positions, start: start, warnings: warnings)
  }

  /// Adds a warning, up to the limit.
  mutating func warn(_ position: SourcePosition, _ message: @autoclosure () -> String) {
    guard warnings.count < ManifestLimits.warningsMax else {
      warningsOmitted += 1
      return
    }
    warnings.append(ManifestWarning(position: position, message: message()))
  }

  // MARK: - Maps and lists

  private mutating func open(isObject: Bool, _ reader: borrowing YAMLEventReader) throws(UnreadableInput) {
    try checkKeyIsScalar(reader, isMapping: isObject)
    if frames.isEmpty {
      guard isObject else {
        throw UnreadableInput(
          position: source.position(reader.start),
          message:
            "A manifest must be an object, but this document is a list; give each object a document of its own, or put "
            + "them under items: of a kind: List."
        )
      }
      root = .object(start: source.position(reader.start))
    }
    try checkDepth(adding: 1, reader)
    separate()
    let anchor = reader.hasAnchor ? anchors.open(reader.anchor ?? "") : nil
    frames.append(Frame(start: text.mark, anchor: anchor, isObject: isObject, state: isObject ? .key : .element))
    text.append(isObject ? ASCII.leftBrace : ASCII.leftBracket)
    if isObject { keys.openObject() }
  }

  private mutating func close(_ reader: borrowing YAMLEventReader) throws(UnreadableInput) {
    guard let frame = frames.popLast() else { return }
    text.append(frame.isObject ? ASCII.rightBrace : ASCII.rightBracket)
    if frame.isObject { keys.closeObject() }
    if let anchor = frame.anchor {
      anchors.close(
        anchor,
        .collection(start: frame.start, end: text.mark, height: frame.height, isObject: frame.isObject)
      )
    }
    guard let parent = frames.indices.last else { return }
    frames[parent].height = max(frames[parent].height, frame.height + 1)
    if frames[parent].state == .mergeValue { try merge(from: frame.start, reader) }
    if frames[parent].isObject { frames[parent].state = .key }
  }

  /// Refuses more levels than the limit; `levels` are about to be added.
  mutating func checkDepth(adding levels: Int, _ reader: borrowing YAMLEventReader) throws(UnreadableInput) {
    guard frames.count + levels > ManifestLimits.yamlNestingLevelsMax else { return }
    throw UnreadableInput(
      position: source.position(reader.start),
      message:
        "Maps and lists are nested deeper than \(ManifestLimits.yamlNestingLevelsMax) levels here; no Kubernetes object "
        + "needs that: check how this file was generated."
    )
  }

  /// Writes the comma that the next element or member needs.
  mutating func separate() {
    guard let top = frames.indices.last, frames[top].state != .value else { return }
    if !frames[top].isEmpty { text.append(ASCII.comma) }
    frames[top].isEmpty = false
  }

  private mutating func checkKeyIsScalar(
    _ reader: borrowing YAMLEventReader,
    isMapping: Bool
  ) throws(UnreadableInput) {
    guard frames.last?.state == .key else { return }
    if isMapping, reader.isFlowMapping, let braces = source.templateBraces(at: reader.start) {
      throw UnreadableInput(position: braces, message: HelmTemplate.message)
    }
    throw UnreadableInput(
      position: source.position(reader.start),
      message:
        "A key must be text, but this one is a \(isMapping ? "map" : "list"); kubectl refuses it: quote it if it is meant as "
        + "text."
    )
  }

  // MARK: - Scalars

  private mutating func takeScalar(_ reader: borrowing YAMLEventReader) throws(UnreadableInput) {
    let isKey = frames.last?.state == .key
    if isKey, isMergeKey(reader) {
      frames[frames.count - 1].state = .mergeValue
      return
    }
    let value = try resolve(reader)
    if isKey {
      if reader.hasAnchor { anchors.close(anchors.open(reader.anchor ?? ""), scalar(value, reader)) }
      try takeKey(value, reader)
      return
    }
    guard let top = frames.indices.last else {
      guard value == .null else { throw rootIsNoObject(reader) }
      root = .null
      return
    }
    if frames[top].state == .mergeValue { throw mergeNeedsMaps(reader) }
    if case .float(let double) = value, !double.isFinite {
      throw UnreadableInput(
        position: source.position(reader.start),
        message:
          "JSON, and so Kubernetes, has no such number as infinity or NaN; kubectl refuses it: quote it if it is meant as text."
      )
    }
    separate()
    text.append(value, text: reader.scalar)
    if reader.hasAnchor { anchors.close(anchors.open(reader.anchor ?? ""), scalar(value, reader)) }
    if frames[top].isObject { frames[top].state = .key }
  }

  private mutating func takeKey(_ value: YAMLScalar, _ reader: borrowing YAMLEventReader) throws(UnreadableInput) {
    if value == .string {
      try writeKey(reader.scalar, at: source.position(reader.start))
      return
    }
    let key: [UInt8]
    do {
      key = try value.keyText() ?? []
    } catch {
      throw UnreadableInput(position: source.position(reader.start), message: error.message)
    }
    try writeKey(key.span, at: source.position(reader.start))
  }

  /// Writes a key of the innermost map, after the duplicates rule.
  mutating func writeKey(_ key: Span<UInt8>, at position: SourcePosition) throws(UnreadableInput) {
    separate()
    let previous = keys.add(key, textStart: text.bytes.count, positionIndex: text.positions.count)
    if let previous { try supersede(previous, with: position) }
    text.append(quoted: key)
    text.append(ASCII.colon)
    text.append(position)
    frames[frames.count - 1].state = .value
  }

  private mutating func supersede(_ previous: Int, with position: SourcePosition) throws(UnreadableInput) {
    let entry = keys.entries[previous]
    // An explicit key overrides a merged one, silently: that is what merge keys are for.
    if !entry.isMerged {
      let first = text.positions[entry.positionIndex]
      guard duplicateKeys == .warn else { throw DuplicateKeys.error(at: position, first: first) }
      warn(position, DuplicateKeys.warning(first: first))
    }
    drop(entry: previous)
  }

  /// Leaves out the member of a key that has a successor.
  mutating func drop(entry index: Int) {
    let (entry, next) = (keys.entries[index], keys.entries[index + 1])
    text.drop(
      DroppedMember(text: entry.textStart..<next.textStart, positions: entry.positionIndex..<next.positionIndex)
    )
  }

  private mutating func resolve(_ reader: borrowing YAMLEventReader) throws(UnreadableInput) -> YAMLScalar {
    if let tag = reader.tag {
      do {
        return try YAMLScalar.tagged(tag, reader.scalar)
      } catch {
        throw UnreadableInput(position: source.position(reader.start), message: error.message)
      }
    }
    return reader.isPlain ? YAMLScalar.plain(reader.scalar) : .string
  }

  private func isMergeKey(_ reader: borrowing YAMLEventReader) -> Bool {
    let key = reader.scalar
    guard key.count == 2, key[0] == UInt8(ascii: "<"), key[1] == UInt8(ascii: "<") else { return false }
    guard let tag = reader.tag else { return reader.isPlain }
    return tag == "!" || tag == "tag:yaml.org,2002:merge"
  }

  private func scalar(_ value: YAMLScalar, _ reader: borrowing YAMLEventReader) -> YAMLAnchors.Content {
    var rendered = RenderedText()
    rendered.append(value, text: reader.scalar)
    return .scalar(value, json: rendered.bytes)
  }

  private mutating func rootIsNoObject(_ reader: borrowing YAMLEventReader) -> UnreadableInput {
    UnreadableInput(
      position: source.position(reader.start),
      message:
        "A manifest must be an object, but this document is only a single value; write apiVersion:, kind: and the rest, or "
        + "remove it."
    )
  }
}

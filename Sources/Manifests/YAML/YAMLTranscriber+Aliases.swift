// Aliases and merge keys.

extension YAMLTranscriber {
  /// Takes in an alias: as a key, as a merge key's value, or as any other value.
  mutating func takeAlias(_ reader: borrowing YAMLEventReader) throws(UnreadableInput) {
    let position = source.position(reader.start)
    let name = reader.anchor ?? ""
    guard let content = anchors.content(of: name) else {
      throw UnreadableInput(
        position: position,
        message: "The alias *\(name) has no anchor &\(name) before it in this document; define it, or quote the text."
      )
    }
    guard let top = frames.indices.last else {
      throw UnreadableInput(position: position, message: "A document cannot be only an alias; write the object here.")
    }
    let state = frames[top].state
    switch content {
    case .open:
      throw UnreadableInput(
        position: position,
        message: "The alias *\(name) stands inside the value that it names, which has no end; write that value out."
      )
    case .scalar(let value, let json):
      if state == .key { return try takeAliasedKey(value, json, at: position) }
      if state == .mergeValue { throw mergeNeedsMaps(reader) }
      if case .float(let double) = value, !double.isFinite {
        throw UnreadableInput(
          position: position,
          message: "JSON has no such number as infinity or NaN; quote it at its anchor."
        )
      }
      try source.charge(json.count, at: position)
      separate()
      text.append(json: json)
    case .collection(let start, let end, let height, let isObject):
      if state == .key {
        throw UnreadableInput(
          position: position,
          message: "A key must be text, but *\(name) is a map or list; kubectl refuses it: write the key out."
        )
      }
      try checkDepth(adding: height, reader)
      try source.charge(end.bytes - start.bytes, at: position)
      if state == .mergeValue {
        guard isObject else { throw mergeNeedsMaps(reader) }
        try mergeMap(text.compacted(from: start, to: end), reader)
      } else {
        separate()
        text.append(copyFrom: start, to: end)
      }
      frames[top].height = max(frames[top].height, height + 1)
    }
    if frames[top].isObject { frames[top].state = .key }
  }

  /// Merges the value that was written since `start`, and takes it out of the text again.
  mutating func merge(from start: RenderedText.Mark, _ reader: borrowing YAMLEventReader) throws(UnreadableInput) {
    let value = text.compacted(from: start)
    let end = text.mark
    try source.charge(end.bytes - start.bytes, at: source.position(reader.start))
    text.drop(DroppedMember(text: start.bytes..<end.bytes, positions: start.positions..<end.positions))
    if value.bytes.first == ASCII.leftBrace { return try mergeMap(value, reader) }
    let elements = RenderedParts(of: value.bytes, in: 0..<value.bytes.count).parts
    guard elements.allSatisfy({ value.bytes[$0.text.lowerBound] == ASCII.leftBrace }) else {
      throw mergeNeedsMaps(reader)
    }
    // Backwards, so that an earlier map wins over a later one.
    var keysBefore = value.positions.count
    for element in elements.reversed() {
      keysBefore -= element.keys
      try mergeMembers(of: value, in: element.text, keysBefore: keysBefore, reader)
    }
  }

  private mutating func mergeMap(_ map: CompactedText, _ reader: borrowing YAMLEventReader) throws(UnreadableInput) {
    try mergeMembers(of: map, in: 0..<map.bytes.count, keysBefore: 0, reader)
  }

  /// Writes the members of a map into the innermost open one.
  ///
  /// kubectl's parser takes a merge key where it stands: it overrides the keys before it, although YAML says that
  /// explicit keys always win. The verdict must be about the object that reaches the cluster; a warning says so.
  private mutating func mergeMembers(
    of source: CompactedText,
    in range: Range<Int>,
    keysBefore: Int,
    _ reader: borrowing YAMLEventReader
  ) throws(UnreadableInput) {
    var positionIndex = keysBefore
    for member in RenderedParts(of: source.bytes, in: range).parts {
      let key = RenderedParts.key(of: member, in: source.bytes)
      separateMerged()
      let decoded = JSONStringText.decoded(source.bytes, in: key)
      let previous = keys.add(
        decoded.span,
        textStart: text.bytes.count,
        positionIndex: text.positions.count,
        isMerged: true
      )
      if let previous {
        let entry = keys.entries[previous]
        if !entry.isMerged {
          let mergedFrom = source.positions[positionIndex]
          warn(
            text.positions[entry.positionIndex],
            "The merge key << after this key overrides it with the value of line \(mergedFrom.line): kubectl lets the later one win, "
              + "though YAML says otherwise; move << to the top of the map."
          )
        }
        drop(entry: previous)
      }
      for position in source.positions[positionIndex..<positionIndex + member.keys] { text.append(position) }
      text.append(json: source.bytes[member.text])
      positionIndex += member.keys
    }
  }

  private mutating func separateMerged() {
    let top = frames.count - 1
    if !frames[top].isEmpty { text.append(ASCII.comma) }
    frames[top].isEmpty = false
  }

  private mutating func takeAliasedKey(
    _ value: YAMLScalar,
    _ json: [UInt8],
    at position: SourcePosition
  ) throws(UnreadableInput) {
    let key: [UInt8]
    do {
      key = try value.keyText() ?? JSONStringText.decoded(json, in: 0..<json.count)
    } catch {
      throw UnreadableInput(position: position, message: error.message)
    }
    try source.charge(key.count, at: position)
    try writeKey(key.span, at: position)
  }

  /// The error for a merge key whose value is no map or list of maps.
  mutating func mergeNeedsMaps(_ reader: borrowing YAMLEventReader) -> UnreadableInput {
    UnreadableInput(
      position: source.position(reader.start),
      message:
        "The merge key << needs a map, an alias of one, or a list of maps; correct its value, or quote \"<<\" if it is an "
        + "ordinary key."
    )
  }
}

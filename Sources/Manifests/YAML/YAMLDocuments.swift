// Reads the documents of a YAML stream, good ones and bad ones, in order.

/// The outcome of reading an input as YAML.
struct YAMLDocuments {
  /// One result per document that is not empty, then the syntax error if there was one.
  private(set) var results: [ManifestResult] = []
  /// The byte offset of the syntax error at which reading stopped.
  private(set) var syntaxErrorOffset: Int?

  /// Reads all documents of `bytes` from the start of the text.
  init(_ bytes: [UInt8], _ encoding: InputEncoding, duplicateKeys: DuplicateKeyRule) {
    let problem = encoding.malformed ?? encoding.notForYAML
    var source = YAMLSource(bytes, encoding)
    guard encoding.tagDirectives <= ManifestLimits.tagDirectivesMax else {
      let message =
        "The input has more than \(ManifestLimits.tagDirectivesMax) %TAG directives; remove those it does not need."
      results.append(.failure(UnreadableInput(position: SourcePosition(line: 1, column: 1), message: message)))
      syntaxErrorOffset = encoding.textStart
      return
    }
    // What stands before an unreadable byte is read; a document that the cut goes through is not.
    let end = problem?.offset ?? bytes.count
    read(bytes, max(encoding.textStart, 0)..<max(end, encoding.textStart), source, duplicateKeys, isCut: problem != nil)
    guard let problem else { return }
    let position = source.position(atOffset: problem.offset)
    if syntaxErrorOffset == nil { syntaxErrorOffset = problem.offset }
    results.append(.failure(UnreadableInput(position: position, message: problem.message + HelmTemplate.restUnread)))
  }

  private mutating func read(
    _ bytes: [UInt8],
    _ range: Range<Int>,
    _ source: YAMLSource,
    _ duplicateKeys: DuplicateKeyRule,
    isCut: Bool
  ) {
    var reader = YAMLEventReader(bytes[range])
    var transcriber = YAMLTranscriber(source, duplicateKeys: duplicateKeys)
    var isDraining = false
    var openLevels = 0
    var pending: ManifestResult?
    var documentStart = range.lowerBound
    var documentStartMark: YAMLEventReader.Mark?
    do throws(YAMLEventReader.Failure) {
      while true {
        let kind = try reader.next()
        switch kind {
        case .streamEnd:
          if let pending, !isCut { results.append(pending) }
          return
        case .documentStart:
          if let last = pending { results.append(last) }
          pending = nil
          documentStartMark = reader.start
          isDraining = false
          openLevels = 0
          transcriber.begin()
        case .documentEnd:
          if !isDraining { pending = transcriber.finish().map { .success($0) } }
          // An end of its own, "...", shows that the document is whole, whatever follows.
          if !reader.isImplicitDocumentEnd, let last = pending {
            results.append(last)
            pending = nil
          }
        default:
          openLevels += kind.levelChange
          guard !isDraining else {
            // libyaml's time grows as the square of the depth, so a document that is too deep is not read to its end.
            guard openLevels > ManifestLimits.yamlNestingLevelsMax else { continue }
            if let pending { results.append(pending) }
            syntaxErrorOffset = transcriber.source.offset(reader.start)
            return
          }
          do throws(UnreadableInput) {
            try transcriber.take(kind, reader)
          } catch {
            isDraining = true
            pending = .failure(error)
          }
        }
      }
    } catch {
      let errorOffset = min(transcriber.source.offset(error.mark), range.upperBound)
      if let documentStartMark { documentStart = transcriber.source.offset(documentStartMark) }
      if isCut, errorOffset >= range.upperBound { return }
      syntaxErrorOffset = errorOffset
      let unreadable = YAMLSyntax.explain(
        error,
        in: bytes,
        range: range,
        documentStart: documentStart,
        errorOffset: errorOffset,
        source: &transcriber.source
      )
      // A document that reads well up to here has no end of its own: the error belongs to it.
      if let pending, case .failure(let earlier) = pending, earlier.position != unreadable.position {
        results.append(pending)
      }
      results.append(.failure(unreadable))
    }
  }
}

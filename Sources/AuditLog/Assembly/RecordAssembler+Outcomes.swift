// What becomes of text that is complete.

internal import JSONDocument

extension RecordAssembler {
  /// Reads text that came out of something that holds other logs' lines as well.
  ///
  /// - Parameter isLastLine: whether it ends with the last line so far, and may be cut off there if the log is.
  mutating func conclude(
    _ text: [UInt8],
    line: Int,
    isLastLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    var record = text
    sink.line = line
    let outcome = unwrapper.unwrap(&record, into: &sink)
    if case .notJSON(let error) = outcome {
      return refuse(record, error, line: line, isLastLine: isLastLine, with: unwrapper, into: &sink)
    }
    settle(outcome, of: record, line: line, isLastLine: isLastLine, with: unwrapper, into: &sink)
  }

  /// Says what a document turned out to be, and joins it with others when it is a piece of a record.
  mutating func settle(
    _ outcome: Unwrapper.Outcome,
    of document: [UInt8],
    line: Int,
    isLastLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    switch outcome {
    case .events: hasRead = true
    case .other:
      hasRead = true
      sink.receiveOther()
    case .fragment(let piece, let isLast):
      hasRead = true
      // Docker says the stream behind the text, where agents leave it.
      let isErrorStream = TextBytes.find(#""stderr""#, document.span, from: 0) != nil
      joinDocker(piece, isLast: isLast, isErrorStream ? 1 : 0, line: line, with: unwrapper, into: &sink)
    case .notJSON(let error):
      sink.receive(unreadable: Unwrapper.reason(error))
      _ = recover(document, line: line, with: unwrapper, into: &sink)
    }
  }

  /// Decides about text out of a container, or out of a table, that is not JSON.
  private mutating func refuse(
    _ text: [UInt8],
    _ error: JSONError,
    line: Int,
    isLastLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    let start = TextBytes.skipPadding(text.span, from: 0)
    let isEvent = unsafe text[start...].withUnsafeBytes { unsafe Unwrapper.beginsAsEvent($0) }
    let hasWhole = recover(text, line: line, with: unwrapper, into: &sink)
    let isCut = isEvent || hasWhole
    let opensObject = start < text.count && text[start] == UInt8(ascii: "{")
    if isLastLine, !hasWhole, opensObject {
      verdict = Verdict(line: line, reason: isCut ? .cutOff : nil)
      return
    }
    sink.line = line
    hasRead = true
    if isCut { sink.receive(unreadable: .cutOff) } else { sink.receiveOther() }
  }

  /// Joins the pieces of a line that Docker split.
  private mutating func joinDocker(
    _ piece: [UInt8],
    isLast: Bool,
    _ stream: Int,
    line: Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    if !dockerPieces[stream].append(piece.span, from: 0, line: line, bytesMax: recordBytesMax) {
      sink.line = dockerPieces[stream].line
      sink.receive(unreadable: .tooLong(limitBytes: recordBytesMax))
    }
    guard isLast else { return }
    let first = dockerPieces[stream].line
    guard var record = dockerPieces[stream].take() else { return }
    sink.line = first
    switch unwrapper.unwrap(&record, into: &sink) {
    case .events: return
    case .other: sink.receiveOther()
    // A piece inside a piece: nothing writes that.
    case .fragment: sink.receiveOther()
    case .notJSON(let error):
      refuse(record, error, line: first, isLastLine: false, with: unwrapper, into: &sink)
    }
  }

  /// Reads the whole records in text that is broken; whether there are any.
  mutating func recover(
    _ text: [UInt8],
    line: Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Bool {
    var number = line
    var counted = 0
    var hasWhole = false
    for range in TornText.wholeRecords(in: text.span) where range.count < text.count {
      while counted < range.lowerBound {
        if text[counted] == UInt8(ascii: "\n") { number += 1 }
        counted += 1
      }
      var record = Array(text[range])
      sink.line = number
      switch unwrapper.unwrap(&record, into: &sink) {
      case .events: hasWhole = true
      case .fragment(let piece, let isLast):
        let isErrorStream = TextBytes.find(#""stderr""#, record.span, from: 0) != nil
        _ = dockerPieces[isErrorStream ? 1 : 0].append(piece.span, from: 0, line: number, bytesMax: recordBytesMax)
        if isLast { finishDocker(isErrorStream ? 1 : 0, with: unwrapper, into: &sink) }
      case .other, .notJSON: break
      }
    }
    return hasWhole
  }

  /// Ends a record whose last piece stood in broken text.
  private mutating func finishDocker(
    _ stream: Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    guard var record = dockerPieces[stream].take() else { return }
    if unwrapper.unwrap(&record, into: &sink) != .events { sink.receive(unreadable: .cutOff) }
  }
}

extension Unwrapper {
  /// Unwraps a document, with room made behind it so that it is parsed in place.
  func unwrap(_ document: inout [UInt8], into sink: inout some EventSink) -> Outcome {
    document.reserveCapacity(document.count + JSONParser.paddingBytes)
    return unsafe document.withUnsafeBytes { unsafe unwrap($0, padded: true, into: &sink) }
  }
}

extension PendingDocument {
  /// Unwraps what was gathered.
  mutating func unwrap(with unwrapper: Unwrapper, into sink: inout some EventSink) -> Unwrapper.Outcome {
    makeRoom(JSONParser.paddingBytes)
    return unsafe text.withUnsafeBytes { unsafe unwrapper.unwrap($0, padded: true, into: &sink) }
  }
}

// Lines that begin something: JSON, text, a row of a table, a piece of a container's output.

internal import JSONDocument

extension RecordAssembler {
  /// The mark of CloudWatch Logs on records that it cut.
  private static let cutMark: StaticString = "[Truncated...]"

  /// Takes a line that goes on from nothing.
  mutating func takeFresh(
    _ text: Span<UInt8>,
    from start: Int,
    _ number: Int,
    _ endsLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    let first = TextBytes.skipPadding(text, from: start)
    guard first < text.count else { return }
    if isRecovering, isRemainder(text, first), !TornText.beginsRecord(text, at: first) { return }
    isRecovering = false
    switch text[first] {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","):
      if endsLine, text[first] == UInt8(ascii: "{"),
        TextBytes.equals(Self.cutMark, text, at: text.count - Self.cutMark.utf8CodeUnitCount)
      {
        return readWhole(text, from: first, number, with: unwrapper, into: &sink)
      }
      read(text, from: first, number, endsLine, with: unwrapper, into: &sink)
    default: readWords(text, from: first, number, endsLine, with: unwrapper, into: &sink)
    }
  }

  /// Whether a line can be the rest of a value that is printed over several lines.
  private func isRemainder(_ text: Span<UInt8>, _ first: Int) -> Bool {
    first > 0 || text[first] == UInt8(ascii: "}") || text[first] == UInt8(ascii: "\"")
  }

  /// Reads a line that is a record or nothing.
  private mutating func readWhole(
    _ text: Span<UInt8>,
    from start: Int,
    _ number: Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    var record = text.copy(from: start)
    sink.line = number
    let outcome = unwrapper.unwrap(&record, into: &sink)
    settle(outcome, of: record, line: number, isLastLine: true, with: unwrapper, into: &sink)
  }

  /// Takes a line that does not begin as JSON, or as a JSON string.
  private mutating func readWords(
    _ text: Span<UInt8>,
    from start: Int,
    _ number: Int,
    _ endsLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    sink.line = number
    var reason = "it does not begin as JSON does"
    if endsLine {
      var record = text.copy(from: start)
      let outcome = unwrapper.unwrap(&record, into: &sink)
      guard case .notJSON(let error) = outcome else {
        return settle(outcome, of: record, line: number, isLastLine: true, with: unwrapper, into: &sink)
      }
      if case .malformed(let words) = error { reason = words }
    }
    guard TornText.nextRecord(text, from: start) == nil, endsLine else {
      sink.receive(unreadable: .cutOff)
      return seek(text, from: start, number, endsLine, with: unwrapper, into: &sink)
    }
    if isRemainder(text, start) {
      isRecovering = true
    } else if TextBytes.isKlogLine(text, at: start) {
      return sink.receiveOther()
    } else if TextBytes.isDatedLine(text, at: start) {
      verdict = Verdict(line: number, reason: nil)
      return
    }
    verdict = Verdict(line: number, reason: .malformed(reason))
  }

  /// Reads a row of a table.
  mutating func readRow(
    _ text: Span<UInt8>,
    _ number: Int,
    _ endsLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    guard let row = table?.add(text, number: number, endsLine: endsLine, bytesMax: recordBytesMax) else { return }
    let line = table?.rowLine ?? number
    switch row {
    case .open: return
    case .whole(let raw): conclude(raw, line: line, isLastLine: true, with: unwrapper, into: &sink)
    case .tooLong:
      sink.line = line
      sink.receive(unreadable: .tooLong(limitBytes: recordBytesMax))
    }
  }

  /// Joins the pieces of a line that a container wrote.
  mutating func join(
    _ text: Span<UInt8>,
    _ prefix: LinePrefix,
    _ number: Int,
    _ endsLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    let stream = prefix.isErrorStream ? 1 : 0
    if !runtimePieces[stream].append(text, from: prefix.length, line: number, bytesMax: recordBytesMax) {
      sink.line = runtimePieces[stream].line
      sink.receive(unreadable: .tooLong(limitBytes: recordBytesMax))
    }
    guard endsLine, prefix.continuation == .full else { return }
    let line = runtimePieces[stream].line
    guard let record = runtimePieces[stream].take() else { return }
    conclude(record, line: line, isLastLine: true, with: unwrapper, into: &sink)
  }
}

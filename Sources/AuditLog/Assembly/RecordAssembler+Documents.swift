// JSON over several lines, several values on one line, and values that break off.

internal import JSONDocument

extension RecordAssembler {
  /// How far a piece of text was read.
  private enum Progress {
    case everything
    case ended(at: Int)
    case broken(at: Int)
  }

  /// Reads JSON from a place on.
  mutating func read(
    _ text: Span<UInt8>,
    from start: Int,
    _ number: Int,
    _ endsLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    var place = start
    // Where what is being read began, if on this line.
    var began = start
    while place < text.count {
      if document == nil {
        place = TextBytes.skipPunctuation(text, from: place)
        guard place < text.count else { break }
        guard text[place] == UInt8(ascii: "{") || text[place] == UInt8(ascii: "[") else {
          let next = nextRecord(text, from: place, endsLine)
          reportTear(next == nil ? .malformed(Self.stray) : .cutOff, line: number, into: &sink)
          guard let next else { return }
          place = next
          continue
        }
        document = PendingDocument(line: number)
        document?.begin(text, at: place)
        began = place
        place += 1
      }
      guard var current = document.take() else { break }
      switch advance(&current, text, from: place, to: text.count, number, &began, with: unwrapper, into: &sink) {
      case .everything:
        if endsLine { current.endLine() }
        document = current
        guard endsLine, let next = tornEnd(current, text, from: began) else { return }
        document?.dropLast(text.count - next)
        giveUp(.cutOff, with: unwrapper, into: &sink)
        place = next
      case .ended(let end):
        place = end
        began = end
      case .broken(let end):
        document = current
        guard current.gatheredLine < number else {
          let next = nextRecord(text, from: max(began + 1, end - TornText.lookBehindBytes), endsLine)
          giveUp(next == nil ? .malformed(Self.invalid) : .cutOff, with: unwrapper, into: &sink)
          guard let next else { return }
          place = next
          continue
        }
        giveUp(.cutOff, with: unwrapper, into: &sink)
        if began == start {
          isRecovering = true
          return takeFresh(text, from: start, number, endsLine, with: unwrapper, into: &sink)
        }
        place = began
      }
    }
  }

  private static let stray = "text stands between JSON values"

  private static let invalid = "its JSON is not valid"

  /// Where the next record begins on a line that is broken; what may be the beginning of its beginning is kept.
  mutating func nextRecord(_ text: Span<UInt8>, from start: Int, _ endsLine: Bool) -> Int? {
    if let next = TornText.nextRecord(text, from: start) { return next }
    if !endsLine { searched = text.copy(from: max(0, text.count - TornText.beginningBytesMax)) }
    return nil
  }

  /// Goes on where the next record begins, if one does.
  mutating func seek(
    _ text: Span<UInt8>,
    from start: Int,
    _ number: Int,
    _ endsLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    guard let next = nextRecord(text, from: start, endsLine) else { return }
    read(text, from: next, number, endsLine, with: unwrapper, into: &sink)
  }

  /// Where a record goes on that was torn off in front of a value, so that the next record on its line looks like one.
  ///
  /// An event, and a line of Docker's log, stands on one line, and no member of it is another.
  private func tornEnd(_ current: PendingDocument, _ text: Span<UInt8>, from began: Int) -> Int? {
    guard current.headLength == nil, !current.isSkipping, TornText.beginsRecordOfOneLine(text, at: began) else {
      return nil
    }
    var last: Int?
    var next = TornText.nextRecord(text, from: began + 1)
    while let place = next {
      last = place
      next = TornText.nextRecord(text, from: place + 1)
    }
    return last
  }

  /// Reports a torn record; of several on one line, the first.
  private mutating func reportTear(_ reason: UnreadableReason, line: Int, into sink: inout some EventSink) {
    guard line != tornLine else { return }
    tornLine = line
    sink.line = line
    sink.receive(unreadable: reason)
  }

  /// Gathers a value until it or an element of it ends; elements are handed on here.
  private mutating func advance(
    _ current: inout PendingDocument,
    _ text: Span<UInt8>,
    from start: Int,
    to end: Int,
    _ number: Int,
    _ began: inout Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Progress {
    var place = start
    while true {
      let stop = current.scanner.advance(text, from: place, to: end)
      switch stop {
      case .endOfText:
        current.append(text, from: place, to: end, line: number)
        return shorten(&current, with: unwrapper, into: &sink) ? .ended(at: end) : .everything
      case .broken(let at):
        current.append(text, from: place, to: at, line: number)
        return .broken(at: at)
      case .opened(let next):
        current.append(text, from: place, to: next, line: number)
        current.openBatch()
        place = next
      case .closed(let next):
        current.append(text, from: place, to: next, line: number)
        if shorten(&current, with: unwrapper, into: &sink) { return .ended(at: next) }
        let isWhole = current.headLength == nil
        handOn(&current, with: unwrapper, into: &sink)
        if isWhole { return .ended(at: next) }
        place = next
        began = next
      case .left(let next):
        if current.closeBatch() { return .ended(at: next) }
        place = next
      }
    }
  }

  /// Takes a value apart that has become too long, or skips it; true when that was the end of it.
  private mutating func shorten(
    _ current: inout PendingDocument,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Bool {
    guard current.gathered.count > recordBytesMax else { return false }
    if !current.takesBatchesApart, current.headLength == nil {
      return takeApart(&current, with: unwrapper, into: &sink)
    }
    sink.line = current.gatheredLine
    sink.receive(unreadable: .tooLong(limitBytes: recordBytesMax))
    current.skip()
    return false
  }

  /// Reads once more what was gathered of a value, handing the elements of its batches on; true when it ends with it.
  private mutating func takeApart(
    _ current: inout PendingDocument,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> Bool {
    let whole = current.text
    let text = whole.span
    var number = current.line
    current = PendingDocument(line: number, takesBatchesApart: true)
    current.begin(text, at: 0)
    var start = 1
    while start < text.count {
      let feed = TextBytes.find("\n", text, from: start)
      let end = feed ?? text.count
      var began = start
      switch advance(&current, text, from: start, to: end, number, &began, with: unwrapper, into: &sink) {
      case .everything: break
      case .ended: return true
      case .broken: return false
      }
      guard feed != nil else { break }
      number += 1
      current.beginLine(number)
      start = end + 1
    }
    return false
  }

  /// Begins to hand the elements of a batch on, as they stand on lines of their own.
  mutating func takeBatchApart(with unwrapper: Unwrapper, into sink: inout some EventSink) {
    guard var current = document.take() else { return }
    if !takeApart(&current, with: unwrapper, into: &sink) { document = current }
  }

  /// Hands a value or an element on.
  private mutating func handOn(
    _ current: inout PendingDocument,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    defer { current.removeElement() }
    guard !current.isSkipping, !current.gathered.isEmpty, current.isRecord else { return }
    let line = current.gatheredLine
    current.close()
    sink.line = line
    let outcome = current.unwrap(with: unwrapper, into: &sink)
    if outcome == .other {
      // What is left of an object whose batch was handed on is no record.
      let isRest = current.takesBatchesApart && current.headLength == nil
      hasRead = true
      if !isRest { sink.receiveOther() }
      return
    }
    settle(outcome, of: current.text, line: line, isLastLine: false, with: unwrapper, into: &sink)
  }

  /// Reports a value that will not end by itself, and reads the whole records in it.
  mutating func giveUp(
    _ reason: UnreadableReason,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    guard let current = document.take() else { return }
    // Its being too long was reported.
    guard !current.isSkipping else { return }
    reportTear(reason, line: current.gatheredLine, into: &sink)
    _ = recover(Array(current.gathered), line: current.gatheredLine, with: unwrapper, into: &sink)
  }
}

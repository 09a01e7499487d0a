// Puts records together that do not stand whole on one line.

internal import JSONDocument

/// Puts records together: split by container runtimes, printed over several lines, run together on one, or broken off.
///
/// Used by one thread, for one file, in the order of the log. It holds one record of each kind that can be mixed with the
/// others, and each is at most `recordBytesMax` long. Every byte is looked at a fixed number of times, whatever it is.
package struct RecordAssembler {
  /// What is said of a line once it is known whether the log goes on behind it.
  struct Verdict {
    var line: Int
    /// Nil for another log's line.
    var reason: UnreadableReason?
  }

  let recordBytesMax: Int
  /// A JSON value that has begun.
  var document: PendingDocument?
  /// Of container runtimes that write the stream on the line: standard output, standard error.
  var runtimePieces = [PendingPieces(), PendingPieces()]
  /// Of Docker's json-file, likewise.
  var dockerPieces = [PendingPieces(), PendingPieces()]
  var table: SplunkCSV?
  /// A line of text that could be the beginning of a record, if the log ends behind it.
  var verdict: Verdict?
  /// Whether lines that go on from a damaged record are passed over, as it was reported.
  var isRecovering = false
  /// Whether a record was read, so that this is a log and not some other file.
  var hasRead = false
  /// The line on which a tear was last reported.
  var tornLine = 0
  private var isAtStart = true
  private var isRefused = false
  /// What the line at hand is, while it comes in pieces.
  private var openLine: OpenLine?
  /// The end of a piece in which the beginning of a record was looked for.
  var searched: [UInt8] = []

  enum OpenLine {
    case json, table
    case runtime(LinePrefix)
    /// Broken; the beginning of the next record is looked for.
    case broken
  }

  /// Creates an assembler for one file.
  package init(recordBytesMax: Int = AuditLogLimits.recordBytesMax) { self.recordBytesMax = recordBytesMax }

  /// Whether something has begun that whole records behind it would end; elements of an array do not.
  var isMidValue: Bool { document.map { !$0.isBetweenElements } ?? false || verdict != nil || openLine != nil }

  /// Takes a line, or a piece of one, that is no whole record by itself.
  ///
  /// - Parameters:
  ///   - line: without its line feed.
  ///   - number: of the line, from 1.
  ///   - endsLine: whether the line ends with it.
  package mutating func add(
    line: UnsafeRawBufferPointer,
    number: Int,
    endsLine: Bool = true,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    guard !isRefused else { return }
    let all = unsafe Span<UInt8>(_unsafeBytes: line)
    let hasReturn = endsLine && all.count > 0 && all[all.count - 1] == UInt8(ascii: "\r")
    let text = all.extracting(0..<(hasReturn ? all.count - 1 : all.count))
    if let openLine {
      if endsLine { self.openLine = nil }
      return goOn(openLine, text, number, endsLine, with: unwrapper, into: &sink)
    }
    settleVerdict(into: &sink)
    let start = begin(text, number, into: &sink)
    guard let start, !isRefused else { return }
    if let kind = take(text, from: start, number, endsLine, with: unwrapper, into: &sink), !endsLine { openLine = kind }
  }

  /// Says that whole records stand here, so that a JSON value that has begun cannot go on.
  ///
  /// One such line may have been an element of an array that is printed over several lines.
  package mutating func passWholeLines(with unwrapper: Unwrapper, into sink: inout some EventSink) {
    settleVerdict(into: &sink)
    (isAtStart, isRecovering, hasRead, openLine) = (false, false, true, nil)
    guard document.map({ !$0.isBetweenElements }) ?? false else { return }
    if document?.expectsBatchElement ?? false { takeBatchApart(with: unwrapper, into: &sink) }
    if document?.isBetweenElements ?? true { return }
    if document?.expectsPrintedElement ?? false {
      document?.passElement()
    } else {
      giveUp(.cutOff, with: unwrapper, into: &sink)
    }
  }

  /// Says that the log ended.
  package mutating func finish(with unwrapper: Unwrapper, into sink: inout some EventSink) {
    if let verdict {
      sink.line = verdict.line
      sink.receive(unreadable: hasRead ? .cutOff : verdict.reason ?? .cutOff)
    }
    // A piece of Docker's that is cut off itself is part of the record whose pieces are pending.
    let isDockerPiece = dockerPieces.contains { $0.isPending }
    if isDockerPiece, document?.headLength == nil {
      document = nil
    } else {
      giveUp(.cutOff, with: unwrapper, into: &sink)
    }
    for pieces in runtimePieces + dockerPieces where pieces.isUnreported {
      sink.line = pieces.line
      sink.receive(unreadable: .cutOff)
    }
    if let table, table.isOpen {
      sink.line = table.rowLine
      sink.receive(unreadable: .cutOff)
    }
    self = RecordAssembler(recordBytesMax: recordBytesMax)
  }

  // MARK: - Lines

  /// Looks at the beginning of a line; where its text begins, or nil when there is none.
  private mutating func begin(_ text: Span<UInt8>, _ number: Int, into sink: inout some EventSink) -> Int? {
    let start = TextBytes.byteOrderMarkLength(text)
    if isAtStart, TextBytes.isWide(text) {
      isRefused = true
      sink.line = number
      sink.receive(unreadable: .wrongEncoding)
      return nil
    }
    guard TextBytes.skipPadding(text, from: start) < text.count else { return nil }
    guard isAtStart else { return start }
    isAtStart = false
    let first = text[TextBytes.skipPadding(text, from: start)]
    guard first != UInt8(ascii: "{"), first != UInt8(ascii: "["),
      let table = SplunkCSV(header: text.extracting(start..<text.count))
    else { return start }
    if table.rawColumn == nil {
      isRefused = true
      sink.line = number
      sink.receive(unreadable: .malformed("the CSV has no column _raw; export the events with it (| table _raw)"))
    }
    self.table = table
    return nil
  }

  /// Goes on with a line that comes in pieces.
  private mutating func goOn(
    _ kind: OpenLine,
    _ text: Span<UInt8>,
    _ number: Int,
    _ endsLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    switch kind {
    case .json:
      read(text, from: 0, number, endsLine, with: unwrapper, into: &sink)
    case .table:
      readRow(text, number, endsLine, with: unwrapper, into: &sink)
    case .runtime(var prefix):
      prefix.length = 0
      join(text, prefix, number, endsLine, with: unwrapper, into: &sink)
    case .broken:
      let joined = searched + text.copy
      searched = []
      seek(joined.span, from: 0, number, endsLine, with: unwrapper, into: &sink)
    }
    if !endsLine, case .json = kind { openLine = searched.isEmpty ? .json : .broken }
    if !endsLine, case .broken = kind { openLine = searched.isEmpty ? .json : .broken }
  }

  /// Takes the beginning of a line; what kind of line it is.
  private mutating func take(
    _ text: Span<UInt8>,
    from start: Int,
    _ number: Int,
    _ endsLine: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) -> OpenLine? {
    if table != nil {
      readRow(text, number, endsLine, with: unwrapper, into: &sink)
      return .table
    }
    let prefix = LinePrefix.of(text)
    if let prefix, prefix.continuation != nil {
      isRecovering = false
      if !(document?.isBetweenElements ?? true) { giveUp(.cutOff, with: unwrapper, into: &sink) }
      join(text, prefix, number, endsLine, with: unwrapper, into: &sink)
      return .runtime(prefix)
    }
    if document != nil {
      let first = TextBytes.skipPadding(text, from: start)
      let isPrefixed = prefix.map { $0.length > first } ?? false
      if !isPrefixed, document?.isBroken == false, !endsSkipping(text, first), document?.goesOn(with: text) ?? false {
        if text[first] == UInt8(ascii: "{"), first == 0, document?.expectsBatchElement ?? false {
          takeBatchApart(with: unwrapper, into: &sink)
        }
        document?.beginLine(number)
        read(text, from: start, number, endsLine, with: unwrapper, into: &sink)
        return searched.isEmpty ? .json : .broken
      }
      giveUp(.cutOff, with: unwrapper, into: &sink)
    }
    takeFresh(text, from: max(start, prefix?.length ?? 0), number, endsLine, with: unwrapper, into: &sink)
    return searched.isEmpty ? .json : .broken
  }

  private func endsSkipping(_ text: Span<UInt8>, _ first: Int) -> Bool {
    (document?.isSkipping ?? false) && TornText.beginsRecord(text, at: first)
  }

  /// Says what was to be said of the last line, as the log goes on.
  private mutating func settleVerdict(into sink: inout some EventSink) {
    guard let verdict else { return }
    self.verdict = nil
    sink.line = verdict.line
    if let reason = verdict.reason { sink.receive(unreadable: reason) } else { sink.receiveOther() }
  }
}

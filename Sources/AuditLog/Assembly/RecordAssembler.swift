// Puts records together that do not stand whole on one line. Used by one thread, in the order of the log.

internal import JSONDocument

/// Puts records together: split by container runtimes, printed over several lines, run together on one, or broken off.
package struct RecordAssembler {
  /// Pieces of one record.
  private struct Pieces {
    var text: [UInt8] = []
    var line = 0
  }

  private let recordBytesMax: Int
  /// A JSON value that has begun.
  private var document = JSONDocumentPieces()
  /// By stream: standard output and standard error (CRI).
  private var runtimePieces = [Pieces(), Pieces()]
  /// docker's json-file does not say which stream a piece goes on.
  private var dockerPieces = Pieces()
  private var table: SplunkCSV?
  private var isUnreadable = false
  private var isMidLine = false

  /// Creates an assembler for one file.
  package init(recordBytesMax: Int = AuditLogLimits.recordBytesMax) { self.recordBytesMax = recordBytesMax }

  /// Takes a line, or a piece of one, that is no whole record by itself.
  ///
  /// - Parameters:
  ///   - line: without its line feed.
  ///   - endsLine: whether the line ends with it.
  package mutating func add(
    line: UnsafeRawBufferPointer,
    number: Int,
    endsLine: Bool = true,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    guard !isUnreadable else { return }
    let continuesLine = isMidLine
    isMidLine = !endsLine
    let bytes = unsafe Self.trimmed(line, isFirst: number == 1 && !continuesLine)
    if number == 1, !continuesLine, Self.isWide(bytes) {
      isUnreadable = true
      sink.line = 1
      return sink.receive(unreadable: .wrongEncoding)
    }
    if !continuesLine, document.breaks(before: bytes) { giveUp(with: unwrapper, into: &sink) }
    if continuesLine || document.isOpen || !endsLine {
      return feed(bytes[...], number, with: unwrapper, into: &sink)
    }
    if var table {
      let raw = table.add(bytes, number: number, bytesMax: recordBytesMax)
      self.table = table
      if let raw { read(raw, line: table.rowLine, isInner: true, with: unwrapper, into: &sink) }
      return
    }
    take(bytes, number, with: unwrapper, into: &sink)
  }

  /// Whether a JSON value has begun that cannot go on behind a whole record; elements of an array can.
  var isMidValue: Bool { document.isMidValue || isMidLine }

  /// Says that whole records stand here, so that a JSON value that has begun cannot go on.
  package mutating func passWholeLines(with unwrapper: Unwrapper, into sink: inout some EventSink) {
    isMidLine = false
    if document.isMidValue { giveUp(with: unwrapper, into: &sink) }
  }

  /// Says that the log ended.
  package mutating func finish(with unwrapper: Unwrapper, into sink: inout some EventSink) {
    giveUp(with: unwrapper, into: &sink)
    for pieces in runtimePieces + [dockerPieces] where !pieces.text.isEmpty {
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

  /// Takes a line that begins something.
  private mutating func take(
    _ bytes: [UInt8],
    _ number: Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    guard bytes.contains(where: { !Self.isBlank($0) }) else { return }
    let prefix = unsafe bytes.withUnsafeBytes { unsafe LinePrefix.of($0) }
    let record = Array(bytes[(prefix?.length ?? 0)...])
    if let prefix, let continuation = prefix.continuation {
      return join(record, prefix, continuation, number, with: unwrapper, into: &sink)
    }
    read(record, line: number, isInner: false, with: unwrapper, into: &sink)
  }

  /// Joins the pieces of a record that a container runtime split.
  private mutating func join(
    _ record: [UInt8],
    _ prefix: LinePrefix,
    _ continuation: LinePrefix.Continuation,
    _ number: Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    let stream = prefix.isErrorStream ? 1 : 0
    if runtimePieces[stream].text.isEmpty { runtimePieces[stream].line = number }
    runtimePieces[stream].text += record
    let line = runtimePieces[stream].line
    guard runtimePieces[stream].text.count <= recordBytesMax else {
      runtimePieces[stream] = Pieces()
      sink.line = line
      return sink.receive(unreadable: .tooLong(limitBytes: recordBytesMax))
    }
    guard continuation == .full else { return }
    let text = runtimePieces[stream].text
    runtimePieces[stream] = Pieces()
    read(text, line: line, isInner: true, with: unwrapper, into: &sink)
  }

  /// Reads text that should be a record.
  ///
  /// - Parameter isInner: whether it was inside something that holds other logs' lines as well.
  private mutating func read(
    _ text: [UInt8],
    line: Int,
    isInner: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    sink.line = line
    let outcome = unsafe text.withUnsafeBytes { unsafe unwrapper.unwrap($0, padded: false, into: &sink) }
    switch outcome {
    case .events: return
    case .other: return sink.receiveOther()
    case .fragment(let piece, let isLast): joinDocker(piece, isLast: isLast, line, with: unwrapper, into: &sink)
    case .notJSON(let error):
      let isJSON = text.first == UInt8(ascii: "{") || text.first == UInt8(ascii: "[")
      if isJSON {
        if isInner {
          recover(text, line: line, with: unwrapper, into: &sink)
        } else {
          feed(text[...], line, with: unwrapper, into: &sink)
        }
      } else {
        readWords(text, error.description, line: line, isInner: isInner, with: unwrapper, into: &sink)
      }
    }
  }

  /// Takes text that does not begin as JSON.
  private mutating func readWords(
    _ text: [UInt8],
    _ reason: String,
    line: Int,
    isInner: Bool,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    let legacy = " AUDIT: id=\""
    if String(decoding: text.prefix(256), as: UTF8.self).contains(legacy) {
      return sink.receive(unreadable: .legacyFormat)
    }
    if text.allSatisfy({ Self.isPunctuation($0) }) { return }
    if !isInner, let table = SplunkCSV(header: text) {
      self.table = table
      if table.rawColumn == nil {
        sink.receive(unreadable: .malformed("the CSV has no column _raw; export the events with it (| table _raw)"))
      }
      return
    }
    let pieces = TornText.pieces(of: text)
    if pieces.count > 1 { return recover(text, line: line, with: unwrapper, into: &sink) }
    if isInner { sink.receiveOther() } else { sink.receive(unreadable: .malformed(reason)) }
  }

  private mutating func joinDocker(
    _ piece: [UInt8],
    isLast: Bool,
    _ line: Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    let isFirst = dockerPieces.text.isEmpty
    if isFirst { dockerPieces.line = line }
    dockerPieces.text += piece
    guard isLast || dockerPieces.text.count > recordBytesMax else { return }
    let pieces = dockerPieces
    dockerPieces = Pieces()
    guard isLast else {
      sink.line = pieces.line
      return sink.receive(unreadable: .tooLong(limitBytes: recordBytesMax))
    }
    let text = Array(pieces.text.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed())
    guard !isFirst || text.first == UInt8(ascii: "{") else {
      return readWords(text, "", line: line, isInner: true, with: unwrapper, into: &sink)
    }
    read(text, line: pieces.line, isInner: true, with: unwrapper, into: &sink)
  }

  // MARK: - JSON over several lines, or several values on one

  private mutating func feed(
    _ bytes: ArraySlice<UInt8>,
    _ number: Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    document.beginLine(number)
    var rest = bytes
    while let value = document.take(&rest, bytesMax: recordBytesMax) {
      switch value {
      case .whole(let text, let line):
        sink.line = line
        let outcome = unsafe text.withUnsafeBytes { unsafe unwrapper.unwrap($0, padded: false, into: &sink) }
        switch outcome {
        case .events: break
        case .other: sink.receiveOther()
        case .fragment(let piece, let isLast): joinDocker(piece, isLast: isLast, line, with: unwrapper, into: &sink)
        case .notJSON:
          // Where a record broke off, quotes may have swapped their sides: nothing of this line is where it seems to be.
          recover(text + rest, line: line, with: unwrapper, into: &sink)
          rest = []
          _ = document.giveUp()
        }
      case .words(let text, let line):
        sink.line = line
        readWords(text, "text between JSON values", line: line, isInner: false, with: unwrapper, into: &sink)
      case .tooLong(let line):
        sink.line = line
        sink.receive(unreadable: .tooLong(limitBytes: recordBytesMax))
      }
    }
  }

  /// Ends a JSON value that will not end by itself.
  private mutating func giveUp(with unwrapper: Unwrapper, into sink: inout some EventSink) {
    guard let (text, line) = document.giveUp() else { return }
    recover(text, line: line, with: unwrapper, into: &sink)
  }

  /// Reads the whole events in text that is broken, and reports that it is.
  private func recover(
    _ text: [UInt8],
    line: Int,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    sink.line = line
    var isReported = false
    for piece in TornText.pieces(of: text) {
      let length = JSONTextScanner.length(of: piece)
      let outcome = length.map { length in
        unsafe piece.prefix(length).withUnsafeBytes { unsafe unwrapper.unwrap($0, padded: false, into: &sink) }
      }
      if outcome == .events { continue }
      guard !isReported else { continue }
      isReported = true
      sink.receive(unreadable: .cutOff)
    }
  }

  // MARK: - Bytes

  private static func trimmed(_ line: UnsafeRawBufferPointer, isFirst: Bool) -> [UInt8] {
    var bytes = unsafe Array(line)
    if bytes.last == 0x0D { bytes.removeLast() }
    if isFirst, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    return bytes
  }

  /// Whether text is UTF-16, by its mark or by the NULs between its letters.
  private static func isWide(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return true }
    guard bytes.count >= 4 else { return false }
    let isLittleEndian = bytes[0] != 0 && bytes[1] == 0 && bytes[2] != 0 && bytes[3] == 0
    return isLittleEndian || (bytes[0] == 0 && bytes[1] != 0 && bytes[2] == 0 && bytes[3] != 0)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0 }

  /// What is left of an array whose elements stood on lines of their own.
  private static func isPunctuation(_ byte: UInt8) -> Bool {
    isBlank(byte) || byte == UInt8(ascii: "]") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}")
  }
}

// A JSON value that has begun and not ended.

/// Gathers a value, or the elements of an array one after the other.
///
/// The elements of an array at the top are handed on as each ends, so that a log that is one array needs the memory of
/// one record. Those of a batch (`{"kind":"EventList",…,"items":[`) are, once it is too long to be read as a whole; each
/// is then handed on inside the object that it was in, with what stood in front of the array.
struct PendingDocument {
  /// Arrays of records in objects, by the names under which services send them.
  private static let batches: [StaticString] = [
    #""items""#, #""records""#, #""Records""#, #""logEvents""#, #""events""#, #""results""#, #""resourceLogs""#,
    #""streams""#,
  ]
  private static let closing = Array("]}".utf8)

  /// The line on which the whole of it begins.
  let line: Int
  /// What was gathered.
  private(set) var text: [UInt8] = []
  /// The line on which the gathered element begins.
  private(set) var elementLine: Int
  /// Bytes in front of the element that is gathered; nil while the value is gathered as a whole.
  private(set) var headLength: Int?
  var scanner = JSONTextScanner()
  /// Whether what is gathered is too long, and left out.
  var isSkipping = false
  /// Whether a line feed stands where none can.
  private(set) var isBroken = false
  /// The last line it had a part of.
  private var lastLine: Int
  /// Whether its second line was indented, as printers of JSON do.
  private var isIndented: Bool?

  /// Begins a value; `takesBatchesApart` when its batches are not gathered as a whole.
  init(line: Int, takesBatchesApart: Bool = false) {
    self.line = line
    elementLine = line
    lastLine = line
    scanner.stopsAtMemberArrays = takesBatchesApart
  }

  /// Whether batches are taken apart already.
  var takesBatchesApart: Bool { scanner.stopsAtMemberArrays }

  /// Whether nothing of a next element is there.
  var isBetweenElements: Bool { headLength == text.count && !isSkipping && scanner.depth == scanner.stopDepth }

  /// The line on which begins what is being gathered.
  var gatheredLine: Int { isGatheringElement ? elementLine : line }

  private var isGatheringElement: Bool { headLength.map { text.count > $0 } ?? false }

  /// Whether the value at hand is one to count: numbers and the like are no records.
  var isRecord: Bool {
    guard headLength == 0 else { return true }
    return text.first == UInt8(ascii: "{") || text.first == UInt8(ascii: "[") || text.first == UInt8(ascii: "\"")
  }

  // MARK: - Gathering

  /// Takes the first byte, a bracket.
  mutating func begin(_ text: Span<UInt8>, at place: Int) {
    _ = scanner.advance(text, from: place, to: place + 1)
    if text[place] == UInt8(ascii: "[") {
      headLength = 0
      scanner.stopDepth = 1
    } else {
      self.text.append(text[place])
    }
  }

  /// Gathers bytes that the scanner has passed.
  mutating func append(_ text: Span<UInt8>, from start: Int, to end: Int, line: Int) {
    lastLine = line
    guard !isSkipping else { return }
    var start = start
    if let headLength, self.text.count == headLength {
      while start < end, TextBytes.isPadding(text[start]) || text[start] == UInt8(ascii: ",") { start += 1 }
      elementLine = line
    }
    guard start < end else { return }
    unsafe text.withUnsafeBufferPointer { unsafe self.text.append(contentsOf: $0[start..<end]) }
  }

  /// Whether it may go on with this line; one that is indented has no value that begins at the margin.
  mutating func goesOn(with line: Span<UInt8>) -> Bool {
    guard let isIndented else {
      self.isIndented = line[0] == UInt8(ascii: " ") || line[0] == UInt8(ascii: "\t")
      return true
    }
    return !isIndented || line[0] != UInt8(ascii: "{") || isBetweenElements
  }

  /// Goes on to another line.
  mutating func beginLine(_ number: Int) {
    let skipped = min(max(number - lastLine, 1), AuditLogLimits.skippedLinesMax)
    lastLine = number
    guard !isSkipping, text.count > headLength ?? 0 else { return }
    text.append(contentsOf: repeatElement(UInt8(ascii: "\n"), count: skipped))
  }

  /// Ends a line: inside a string, nothing can come behind it.
  mutating func endLine() { if scanner.isInString { isBroken = true } }

  /// Takes note of an element that was a whole record on a line of its own, and was read there.
  mutating func passElement() {
    scanner.passElement()
    text.append(contentsOf: Array("null".utf8))
  }

  // MARK: - Arrays

  /// Begins to take an array apart that just began, if it is a batch.
  mutating func openBatch() {
    guard headLength == nil, !isSkipping, let name = batchName() else { return }
    if text.count > AuditLogLimits.batchHeadBytesMax {
      text = Array("{".utf8)
      unsafe text.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
      text += Array(":[".utf8)
    }
    headLength = text.count
    scanner.stopDepth = 2
  }

  /// Whether an element of an array is to come that may be a batch, not yet taken apart.
  var expectsBatchElement: Bool {
    headLength == nil && !takesBatchesApart && !isSkipping && !isBroken && scanner.depth == 2 && scanner.expectsElement
  }

  /// Whether it is printed over several lines, and an element of an array is to come.
  var expectsPrintedElement: Bool {
    !isSkipping && !isBroken && gatheredLine < lastLine && scanner.expectsElement
  }

  private func batchName() -> StaticString? {
    var end = text.count - 1
    while end > 0, Self.isBlank(text[end - 1]) { end -= 1 }
    guard end > 0, text[end - 1] == UInt8(ascii: ":") else { return nil }
    end -= 1
    while end > 0, Self.isBlank(text[end - 1]) { end -= 1 }
    let bytes = text.span
    return Self.batches.first { TextBytes.equals($0, bytes, at: end - $0.utf8CodeUnitCount) }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || TextBytes.isPadding(byte) }

  /// Ends the array that was taken apart; true when that was all of the value.
  mutating func closeBatch() -> Bool {
    guard let headLength, headLength > 0 else { return true }
    text.removeLast(text.count - headLength)
    text.append(UInt8(ascii: "]"))
    self.headLength = nil
    isSkipping = false
    scanner.stopDepth = 0
    return false
  }

  // MARK: - Handing on

  /// Makes the element a document.
  mutating func close() { if let headLength, headLength > 0 { text += Self.closing } }

  /// Makes sure that bytes behind what was gathered may be read.
  mutating func makeRoom(_ bytes: Int) { text.reserveCapacity(text.count + bytes) }

  /// Makes room for the next element.
  mutating func removeElement() {
    isSkipping = false
    if let headLength { text.removeLast(text.count - headLength) }
  }

  /// Drops the end of what was gathered.
  mutating func dropLast(_ bytes: Int) { text.removeLast(min(bytes, text.count)) }

  /// Drops what was gathered, and skips the rest of it.
  mutating func skip() {
    text.removeLast(text.count - (headLength ?? 0))
    isSkipping = true
  }

  /// What is gathered without what stands in front of it.
  var gathered: ArraySlice<UInt8> { text[min(headLength ?? 0, text.count)...] }
}

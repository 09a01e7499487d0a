// Scans segments of a log: almost every line is dismissed after a look at its beginning, the rest is parsed.

internal import CLineScan
internal import Evaluation
internal import Glibc

/// Scans segments; one per thread, as it owns parsers.
@safe
final class SegmentScanner {
  /// Lines found at a time.
  private static let lineBatch = 512

  private let interest: ReplayInterest
  /// Whether every gap has to be looked at closely, because only some requests are asked for.
  private let isFiltered: Bool
  private let unwrapper: Unwrapper
  private var sink: ObservationSink
  private let lines = UnsafeMutablePointer<hostfence_line>.allocate(capacity: SegmentScanner.lineBatch)
  private var isAfterWholeLines = false
  private var lastPlainLine: UnsafeRawBufferPointer?

  init(_ settings: ReplaySettings) {
    interest = settings.interest
    isFiltered = !settings.filter.isEmpty
    unwrapper = Unwrapper(recordBytesMax: settings.recordBytesMax)
    sink = ObservationSink(EventObserver(settings))
  }

  deinit { unsafe lines.deallocate() }

  /// Scans lines.
  ///
  /// - Parameters:
  ///   - text: followed by `JSONParser.paddingBytes` readable bytes.
  ///   - continuesLine: whether the first line began in an earlier segment.
  ///   - end: what the last line is, where it does not end in a line feed.
  func scan(_ text: UnsafeRawBufferPointer, continuesLine: Bool, end: SegmentEnd) -> SegmentResult {
    sink.result = SegmentResult()
    sink.line = 0
    isAfterWholeLines = false
    unsafe lastPlainLine = nil
    guard let base = unsafe text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return sink.result }
    var offset = 0
    while offset < text.count {
      let found = unsafe hostfence_scan_lines(base, text.count, offset, lines, Self.lineBatch)
      guard found > 0 else { break }
      for place in 0..<found {
        let line = unsafe lines[place]
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: text[Int(line.begin)..<Int(line.end)])
        let endsLine = Int(line.end) < text.count || end != .open
        sink.line += 1
        if !endsLine || (continuesLine && sink.line == 1) {
          unsafe keep(bytes, endsLine: endsLine)
        } else {
          unsafe scan(bytes, marks: line.marks, isCut: end == .cut && Int(line.end) == text.count)
        }
      }
      offset = unsafe Int(lines[found - 1].end) + 1
    }
    // A line that goes on is counted where it ends.
    sink.result.lines = end == .open ? sink.line - 1 : sink.line
    sink.result.endsInWholeLines = isAfterWholeLines
    if let line = unsafe lastPlainLine { sink.result.extend(to: unsafe PlainEvent.time(in: line)) }
    return sink.result
  }

  private func scan(_ line: UnsafeRawBufferPointer, marks: UInt32, isCut: Bool) {
    guard unsafe !line.isEmpty else { return }
    guard !isCut, marks & UInt32(HOSTFENCE_LINE_NAMES_AUDIT_TWICE) == 0 else { return unsafe readClosely(line) }
    let reading = unsafe PlainEvent.read(line)
    let isDismissed =
      switch reading {
      case .unfamiliar: false
      case .idle: true
      // Splunk's search does not ask for the stage.
      case .unfinished: !mayBeFound(marks)
      case .write(let event): unsafe dismiss(event, marks: marks, line)
      }
    guard isDismissed else { return unsafe readClosely(line) }
    sink.result.coverage.events += 1
    switch reading {
    case .write: sink.result.coverage.countWrite(isEnd: true)
    case .unfinished: sink.result.coverage.countWrite(isEnd: false)
    case .idle, .unfamiliar: break
    }
    isAfterWholeLines = true
    if unsafe lastPlainLine == nil { sink.result.extend(to: unsafe PlainEvent.time(in: line)) }
    unsafe lastPlainLine = line
  }

  /// Whether Splunk's search may find the event of a line.
  private func mayBeFound(_ marks: UInt32) -> Bool {
    interest.searches && marks & UInt32(HOSTFENCE_LINE_QUOTES_HOST_NETWORK | HOSTFENCE_LINE_ESCAPES_A_LETTER) != 0
  }

  /// Whether the event of a line may attach a pod.
  private func mayAttach(_ marks: UInt32) -> Bool {
    interest.judges && marks & UInt32(HOSTFENCE_LINE_SETS_HOST_NETWORK | HOSTFENCE_LINE_ESCAPES_A_LETTER) != 0
  }

  /// Whether the response of a request is in the line, and not in another form that the client asked for.
  private func showsObject(_ event: PlainEvent, in line: UnsafeRawBufferPointer) -> Bool {
    unsafe event.isRequestResponse && !Unwrapper.contains(AuditEvent.otherForms, in: line[...])
  }

  /// Settles a write without parsing its line; false when the line has to be parsed.
  private func dismiss(_ event: PlainEvent, marks: UInt32, _ line: UnsafeRawBufferPointer) -> Bool {
    if event.verb == .delete {
      if interest.judges { note(event, .deleted) }
      return true
    }
    // Splunk's search looks at creates and updates only.
    if mayAttach(marks) || (event.verb != .patch && mayBeFound(marks)) { return false }
    guard event.hasBody else {
      guard !isFiltered else { return event.judgedResource == nil }
      sink.result.addGap(of: event, reason: .metadataLevel)
      return true
    }
    guard let resource = event.judgedResource else { return true }
    // What a patch does is seen only by reading it, or the whole object in the response to it.
    if event.verb == .patch, interest.judges, resource != .pods || event.isListed,
      unsafe !showsObject(event, in: line)
    {
      return false
    }
    sink.result.coverage.judgedWrites += 1
    if event.verb != .patch || event.isRequestResponse { note(event, .written) }
    return true
  }

  private func note(_ event: PlainEvent, _ change: ObjectChange.Kind) {
    guard event.isAccepted, let resource = event.judgedResource,
      let object = event.remembered(as: resource)
    else { return }
    sink.result.items.append(.change(ObjectChange(object: object, kind: change)))
  }

  /// Parses a line and takes off what it is wrapped in; what is no whole record is kept for the assembler.
  private func readClosely(_ line: UnsafeRawBufferPointer) {
    let prefix = unsafe line.first == UInt8(ascii: "{") ? nil : LinePrefix.of(line)
    if prefix?.continuation != .partial {
      let record = unsafe UnsafeRawBufferPointer(rebasing: line[(prefix?.length ?? 0)...])
      if case .events = unsafe unwrapper.unwrap(record, padded: true, into: &sink) {
        isAfterWholeLines = true
        return
      }
    }
    unsafe keep(line, endsLine: true)
  }

  private func keep(_ bytes: UnsafeRawBufferPointer, endsLine: Bool) {
    let line = unsafe IrregularLine(
      line: sink.line,
      bytes: Array(bytes),
      endsLine: endsLine,
      followsWholeLines: isAfterWholeLines
    )
    sink.result.items.append(.irregular(line))
    isAfterWholeLines = false
  }
}

/// What the last line of a segment is, where it does not end in a line feed.
enum SegmentEnd: Sendable {
  /// It does.
  case lineFeed
  /// The line goes on in the next segment.
  case open
  /// The file ends here, perhaps in the middle of the line.
  case cut
}

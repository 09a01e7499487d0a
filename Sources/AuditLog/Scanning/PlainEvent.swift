// The beginning of an audit event as the API server writes it, read without parsing the line.
//
// The API server encodes Go structs, so the order of the fields never varies. What is not exactly in this shape is
// left to the JSON parser: this reader may give up, but it may not be wrong.

internal import CLineScan
internal import Evaluation
internal import Glibc

/// The fields of a line that decide whether more of it has to be read; they lie in the line, and live no longer.
@safe
struct PlainEvent {
  /// What a line turned out to be.
  enum Reading {
    /// Not in the exact shape; to be parsed.
    case unfamiliar
    /// An event of a request that writes nothing.
    case idle
    /// An event of a request that writes, and not its last.
    case unfinished
    /// The last event of a request that writes.
    case write(PlainEvent)
  }

  enum Verb: UInt8 {
    case create, update, patch, delete
  }

  var verb: Verb
  /// Whether `responseObject` is logged at this level.
  var isRequestResponse: Bool
  var resource: UnsafeRawBufferPointer
  var namespace: UnsafeRawBufferPointer
  var name: UnsafeRawBufferPointer
  var group: UnsafeRawBufferPointer
  var subresource: UnsafeRawBufferPointer
  var isAccepted: Bool
  var hasBody: Bool
  /// Whether that is a list: a JSON Patch.
  var isListed: Bool

  private static let opening: StaticString = #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":""#

  /// Reads a line of a log, without its line feed.
  ///
  /// A line that does not end as an event ends is unfamiliar: it is cut off, or torn.
  static func read(_ line: UnsafeRawBufferPointer) -> Reading {
    guard var cursor = unsafe PlainCursor(line), cursor.skip(opening), unsafe endsAsEvent(line) else {
      return .unfamiliar
    }
    return readHead(&cursor, isWhole: true)
  }

  /// Reads the beginning of an event whose end is missing.
  static func read(head: UnsafeRawBufferPointer) -> Reading {
    guard var cursor = unsafe PlainCursor(head), cursor.skip(opening) else { return .unfamiliar }
    return readHead(&cursor, isWhole: false)
  }

  private static func readHead(_ cursor: inout PlainCursor, isWhole: Bool) -> Reading {
    let level = unsafe cursor.text()
    guard cursor.skip(#","auditID":""#), cursor.skipText(), cursor.skip(#","stage":""#) else { return .unfamiliar }
    let stage = unsafe cursor.text()
    guard cursor.skip(#","requestURI":""#) else { return .unfamiliar }
    let requestURI = unsafe cursor.text()
    guard cursor.skip(#","verb":""#) else { return .unfamiliar }
    let verbName = unsafe cursor.text()
    guard cursor.isValid else { return .unfamiliar }
    guard let verb = unsafe verb(verbName) else {
      return unsafe isReading(verbName) ? .idle : .unfamiliar
    }
    if unsafe equals(stage, "RequestReceived") || equals(stage, "ResponseStarted") { return .unfinished }
    // These bytes cannot stand inside a JSON string, whose quotes are escaped.
    // Whether it is a dry run is for the parser to say, as the query may be escaped in two ways.
    guard unsafe equals(stage, "ResponseComplete"), unsafe !RequestQuery.mayAskForDryRun(requestURI),
      cursor.skip(to: #","objectRef":{"resource":""#)
    else {
      return .unfamiliar
    }
    return unsafe readTarget(verb, level, isWhole: isWhole, &cursor)
  }

  /// Reads on from `objectRef`.
  ///
  /// Its fields come in the order of ObjectReference (k8s.io/apiserver, pkg/apis/audit/v1/types.go).
  private static func readTarget(
    _ verb: Verb,
    _ level: UnsafeRawBufferPointer,
    isWhole: Bool,
    _ cursor: inout PlainCursor
  ) -> Reading {
    let resource = unsafe cursor.name()
    let namespace = unsafe cursor.skip(#","namespace":""#) ? cursor.name() : PlainCursor.nothing
    let name = unsafe cursor.skip(#","name":""#) ? cursor.name() : PlainCursor.nothing
    if cursor.skip(#","uid":""#) { _ = cursor.skipText() }
    let group = unsafe cursor.skip(#","apiGroup":""#) ? cursor.name() : PlainCursor.nothing
    if cursor.skip(#","apiVersion":""#) { _ = cursor.skipText() }
    if cursor.skip(#","resourceVersion":""#) { _ = cursor.skipText() }
    let subresource = unsafe cursor.skip(#","subresource":""#) ? cursor.name() : PlainCursor.nothing
    guard cursor.isValid, cursor.skip("}"), let response = readResponse(&cursor),
      !isWhole || cursor.isFollowed(by: #""stageTimestamp":""#, inLast: usualTailBytes)
        || cursor.isFollowed(by: #""stageTimestamp":""#, inLast: tailBytes)
    else { return .unfamiliar }
    return unsafe .write(
      PlainEvent(
        verb: verb,
        isRequestResponse: equals(level, "RequestResponse"),
        resource: resource,
        namespace: namespace,
        name: name,
        group: group,
        subresource: subresource,
        isAccepted: (200..<300).contains(response.code),
        hasBody: response.body != nil,
        isListed: response.body == .list
      )
    )
  }

  /// Reads `responseStatus`, and whether a body comes behind it.
  ///
  /// Its fields come in the order of Status (k8s.io/apimachinery, pkg/apis/meta/v1/types.go); most answers have only the
  /// code, and where there is more, what was sent back is a Status and no object.
  private static func readResponse(_ cursor: inout PlainCursor) -> Response? {
    guard cursor.skip(#","responseStatus":{"metadata":{},"#) else { return nil }
    let isStatus = !cursor.skip(#""code":"#)
    if isStatus {
      // Every member that can follow begins like this, none in here does, and in a string a quote is escaped.
      let (last, next): (StaticString, StaticString) = (#","code":"#, #"},"re"#)
      guard cursor.skip(to: next) else { return nil }
      cursor.stepBack(last.utf8CodeUnitCount + codeDigits + next.utf8CodeUnitCount)
      guard cursor.skip(last) else { return nil }
    }
    guard let code = cursor.digits(codeDigits), cursor.skip("},") else { return nil }
    // A body that is no object, or comes without the one that was sent, is for the parser.
    guard !cursor.skip(#""responseObject":"#) || isStatus else { return nil }
    guard cursor.skip(#""requestObject":"#) else { return Response(code: code, body: nil) }
    guard cursor.begins(with: "{") || cursor.begins(with: "[") else { return nil }
    return Response(code: code, body: cursor.begins(with: "[") ? .list : .object)
  }

  private enum Body {
    case object
    /// A JSON Patch.
    case list
  }

  private struct Response {
    var code: Int
    /// Nil when none was logged.
    var body: Body?
  }

  /// Of an HTTP status code.
  private static let codeDigits = 3

  /// When the request of a line came in; it stands near the line's end.
  static func time(in line: UnsafeRawBufferPointer) -> Timestamp? {
    let tail = unsafe UnsafeRawBufferPointer(rebasing: line.suffix(tailBytes))
    guard var cursor = unsafe PlainCursor(tail), cursor.skip(to: #""requestReceivedTimestamp":""#) else { return nil }
    return unsafe Timestamp(rfc3339: String(decoding: cursor.text(), as: UTF8.self))
  }

  /// The timestamps are followed by the annotations only, which the authorizer and admission write.
  private static let tailBytes = 4 << 10
  /// Almost all events have short ones.
  private static let usualTailBytes = 256

  /// Whether a line ends as an event does: with its annotations, or with its last timestamp.
  private static func endsAsEvent(_ line: UnsafeRawBufferPointer) -> Bool {
    var end = line.count
    if unsafe line[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    guard unsafe line[end - 1] == UInt8(ascii: "}") else { return false }
    let (first, second) = unsafe (line[end - 3], line[end - 2])
    return first == UInt8(ascii: "\"") && second == UInt8(ascii: "}")
      || first == UInt8(ascii: "Z") && second == UInt8(ascii: "\"")
  }

  private static func verb(_ name: UnsafeRawBufferPointer) -> Verb? {
    if unsafe equals(name, "create") { return .create }
    if unsafe equals(name, "update") { return .update }
    if unsafe equals(name, "patch") { return .patch }
    if unsafe equals(name, "delete") { return .delete }
    return nil
  }

  /// The verbs of requests that write no object.
  private static func isReading(_ name: UnsafeRawBufferPointer) -> Bool {
    unsafe equals(name, "get") || equals(name, "list") || equals(name, "watch") || equals(name, "deletecollection")
  }

  /// Whether bytes are a known text.
  static func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    guard let start = bytes.baseAddress else { return true }
    return unsafe memcmp(start, text.utf8Start, bytes.count) == 0
  }
}

/// Reads a line from left to right; it must not outlive the line.
@safe
struct PlainCursor {
  private var next: UnsafeRawPointer
  private let end: UnsafeRawPointer
  /// Whether every text so far ended, and held no escape.
  private(set) var isValid = true

  /// Starts at the beginning of a line; nil when it is empty.
  init?(_ line: UnsafeRawBufferPointer) {
    guard let start = line.baseAddress, unsafe !line.isEmpty else { return nil }
    unsafe next = start
    unsafe end = start + line.count
  }

  /// No bytes.
  static var nothing: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: nil, count: 0) }

  /// Skips a known text; false, and nothing skipped, when something else stands here.
  mutating func skip(_ text: StaticString) -> Bool {
    guard begins(with: text) else { return false }
    unsafe next += text.utf8CodeUnitCount
    return true
  }

  /// Whether a known text stands here.
  func begins(with text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    return unsafe end - next >= count && memcmp(next, text.utf8Start, count) == 0
  }

  /// Skips to just behind the first occurrence of a known text.
  mutating func skip(to text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard let found = unsafe hostfence_find(next, end - next, text.utf8Start, count) else { return false }
    unsafe next = UnsafeRawPointer(found) + count
    return true
  }

  /// Whether a known text stands in the last bytes of the line: what was cut off before has another end.
  func isFollowed(by text: StaticString, inLast count: Int) -> Bool {
    let start = unsafe max(next, end - count)
    return unsafe hostfence_find(start, end - start, text.utf8Start, text.utf8CodeUnitCount) != nil
  }

  /// The rest of a JSON string whose opening quote was skipped; its closing quote is skipped too.
  ///
  /// An escaped quote, in front of which the text only seems to end, makes the cursor invalid.
  mutating func text() -> UnsafeRawBufferPointer {
    guard let quote = unsafe memchr(next, Int32(UInt8(ascii: "\"")), end - next) else {
      isValid = false
      return unsafe Self.nothing
    }
    let start = unsafe next
    let count = unsafe UnsafeRawPointer(quote) - next
    unsafe next = UnsafeRawPointer(quote) + 1
    if count > 0, unsafe start.load(fromByteOffset: count - 1, as: UInt8.self) == UInt8(ascii: "\\") { isValid = false }
    return unsafe UnsafeRawBufferPointer(start: start, count: count)
  }

  /// As above, for a name, which must not hold an escape of any kind.
  mutating func name() -> UnsafeRawBufferPointer {
    let name = unsafe text()
    if let start = name.baseAddress, unsafe memchr(start, Int32(UInt8(ascii: "\\")), name.count) != nil {
      isValid = false
    }
    return unsafe name
  }

  /// As above, without looking at the text.
  mutating func skipText() -> Bool {
    _ = unsafe text()
    return isValid
  }

  /// Goes back by as many bytes as were skipped before, at most.
  mutating func stepBack(_ count: Int) { unsafe next -= count }

  /// A number of exactly that many digits.
  mutating func digits(_ count: Int) -> Int? {
    guard unsafe end - next >= count else { return nil }
    var number = 0
    for offset in 0..<count {
      let byte = unsafe next.load(fromByteOffset: offset, as: UInt8.self)
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    unsafe next += count
    return number
  }
}

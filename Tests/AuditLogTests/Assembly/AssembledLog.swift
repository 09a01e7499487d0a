// Reads a log line by line as a replay does, and keeps what comes of it.

import JSONDocument
import TestSupport

@testable import AuditLog

/// What came of a log, in order.
struct AssembledLog: EventSink {
  struct Damage: Equatable {
    var line: Int
    var reason: UnreadableReason
  }

  var line = 0
  /// Their audit IDs.
  var events: [String] = []
  var eventLines: [Int] = []
  var others = 0
  var damage: [Damage] = []
  /// What was reported when the log ended.
  var damageAtEnd: [Damage] = []
  private(set) var lineCount = 0
  private var isAtEnd = false

  mutating func receive(event: borrowing JSONValue) {
    events.append(event.string("auditID") ?? "?")
    eventLines.append(line)
  }
  mutating func receive(cutEvent head: UnsafeRawBufferPointer) {}
  mutating func receiveOther() { others += 1 }
  mutating func receive(unreadable reason: UnreadableReason) {
    if isAtEnd {
      damageAtEnd.append(Damage(line: line, reason: reason))
    } else {
      damage.append(Damage(line: line, reason: reason))
    }
  }

  /// Reads a log.
  ///
  /// - Parameters:
  ///   - pieceBytes: lines that are longer come in pieces.
  ///   - isDirect: whether lines that are whole records are read without the assembler, as the scanner does.
  init(_ log: [UInt8], recordBytesMax: Int = 1 << 20, pieceBytes: Int = .max, isDirect: Bool = true) {
    let unwrapper = Unwrapper(recordBytesMax: recordBytesMax)
    var assembler = RecordAssembler(recordBytesMax: recordBytesMax)
    var isAfterWhole = false
    var number = 0
    for line in log.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      guard !line.isEmpty else { continue }
      if isDirect, line.count <= pieceBytes, Self.isWhole(Array(line), number, unwrapper, &self) {
        isAfterWhole = true
        continue
      }
      if isAfterWhole { assembler.passWholeLines(with: unwrapper, into: &self) }
      isAfterWhole = false
      var rest = line
      while true {
        let piece = Array(rest.prefix(pieceBytes))
        rest = rest.dropFirst(piece.count)
        piece.withUnsafeBytes {
          assembler.add(line: $0, number: number, endsLine: rest.isEmpty, with: unwrapper, into: &self)
        }
        if rest.isEmpty { break }
      }
    }
    if isAfterWhole { assembler.passWholeLines(with: unwrapper, into: &self) }
    lineCount = number
    isAtEnd = true
    assembler.finish(with: unwrapper, into: &self)
  }

  init(_ log: String, recordBytesMax: Int = 1 << 20, pieceBytes: Int = .max, isDirect: Bool = true) {
    self.init(Array(log.utf8), recordBytesMax: recordBytesMax, pieceBytes: pieceBytes, isDirect: isDirect)
  }

  private static func isWhole(
    _ line: [UInt8],
    _ number: Int,
    _ unwrapper: Unwrapper,
    _ sink: inout AssembledLog
  ) -> Bool {
    sink.line = number
    return line.withUnsafeBytes { bytes in
      let prefix = line.first == UInt8(ascii: "{") ? nil : LinePrefix.of(bytes)
      guard prefix?.continuation != .partial else { return false }
      let record = UnsafeRawBufferPointer(rebasing: bytes[(prefix?.length ?? 0)...])
      return unwrapper.unwrap(record, padded: false, into: &sink) == .events
    }
  }
}

/// Events, and what is put around them.
enum LogText {
  /// An event with strings that hold brackets, quotes and escapes.
  static func event(_ number: Int, padding: Int = 0) -> String {
    let spec = #"{"hostNetwork":true,"containers":[{},[1,-2.5e3]]}"#
    let metadata = #"{"labels":{"a":"{}[],\"x\\"}}"#
    let filling = String(repeating: "x", count: padding)
    var event = TestAuditEvent(#"{"kind":"Pod","metadata":\#(metadata),"spec":\#(spec),"p":"\#(filling)"}"#)
    event.auditID = "event-\(number)"
    return event.json
  }

  static func events(_ count: Int) -> [String] { (0..<count).map { event($0) } }

  static func ids(_ numbers: Range<Int>) -> [String] { numbers.map { "event-\($0)" } }

  /// A line of Docker's json-file.
  static func docker(_ text: String, stream: String = "stdout") -> String {
    #"{"log":\#(TestJSON.string(text).text),"stream":"\#(stream)","time":"2026-11-23T16:43:03Z"}"#
  }

  static func runtime(_ text: String, _ tag: String, stream: String = "stdout") -> String {
    "2026-11-23T16:43:03.042Z \(stream) \(tag) \(text)"
  }
}

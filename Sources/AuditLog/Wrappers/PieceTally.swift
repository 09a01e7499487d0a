// Adds up what became of the pieces of a record that holds several.

internal import JSONDocument

/// What became of the pieces of one record.
struct PieceTally {
  private var foundEvents = false
  private var others = 0

  /// Takes note of one piece.
  mutating func add(_ outcome: Unwrapper.Outcome, into sink: inout some EventSink) {
    switch outcome {
    case .events: foundEvents = true
    case .other, .notJSON: others += 1
    case .fragment(let text, _):
      // Batches hold whole records; a piece of an event has no neighbours that could complete it.
      if unsafe text.withUnsafeBytes({ unsafe Unwrapper.beginsAsEvent($0) }) {
        sink.receive(unreadable: .cutOff)
        foundEvents = true
      } else {
        others += 1
      }
    }
  }

  /// Takes each element of an array as a piece; nothing, when it is no array.
  ///
  /// Numbers and the like are no records: Fluent Bit writes `[<time>,{…}]`.
  mutating func add(
    elementsOf array: borrowing JSONValue,
    with unwrapper: Unwrapper,
    into sink: inout some EventSink
  ) {
    var elements = array.elements
    while let element = elements.next() {
      guard element.isObject || element.isArray || element.isString else { continue }
      add(unwrapper.unwrap(inner: element, into: &sink), into: &sink)
    }
  }

  /// What the whole record is; other logs' pieces are counted when there are events beside them.
  func outcome(into sink: inout some EventSink) -> Unwrapper.Outcome {
    guard foundEvents else { return .other }
    for _ in 0..<others { sink.receiveOther() }
    return .events
  }
}

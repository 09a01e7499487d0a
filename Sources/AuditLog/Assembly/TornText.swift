// Whole records in text that is broken.

/// Finds where records begin behind others that were cut off, and which of them are whole.
///
/// What begins a record here cannot stand inside a JSON string, whose quotes are escaped.
enum TornText {
  /// How the API server begins events and lists of them, and Docker's json-file each of its lines.
  private static let beginnings: [StaticString] = [
    #"{"kind":"Event","apiVersion":"audit.k8s.io/"#, #"{"kind":"EventList""#, #"{"log":""#,
  ]

  /// Bytes behind a brace that may be read before it is certain that text is torn in front of it.
  static let lookBehindBytes = 8

  /// Bytes of the longest beginning.
  static let beginningBytesMax = 44

  /// Whether a record begins at a place.
  static func beginsRecord(_ text: Span<UInt8>, at place: Int) -> Bool {
    beginnings.contains { TextBytes.equals($0, text, at: place) }
  }

  /// Whether one begins at a place that is written on one line, with no other inside.
  static func beginsRecordOfOneLine(_ text: Span<UInt8>, at place: Int) -> Bool {
    TextBytes.equals(beginnings[0], text, at: place) || TextBytes.equals(beginnings[2], text, at: place)
  }

  /// Where the next record begins, at or behind a place.
  static func nextRecord(_ text: Span<UInt8>, from start: Int) -> Int? {
    var place = start
    while let brace = TextBytes.find(#"{""#, text, from: place) {
      if beginsRecord(text, at: brace) { return brace }
      place = brace + 1
    }
    return nil
  }

  private struct OpenRecord {
    var start: Int
    var depth: Int
  }

  /// The records that are whole, none inside another; one pass, however many begin and never end.
  static func wholeRecords(in text: Span<UInt8>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var open: [OpenRecord] = []
    var scanner = JSONTextScanner()
    var next = nextRecord(text, from: 0)
    var place = next ?? text.count
    while place < text.count {
      if place == next {
        next = nextRecord(text, from: place + 1)
        if open.isEmpty || !scanner.mayBeginValue {
          open.removeAll()
          scanner = JSONTextScanner()
        }
        open.append(OpenRecord(start: place, depth: scanner.depth))
        scanner.stopDepth = scanner.depth
        // The brace itself: a record that begins here is not yet at the level it ends at.
        _ = scanner.advance(text, from: place, to: place + 1)
        place += 1
      }
      switch scanner.advance(text, from: place, to: next ?? text.count) {
      case .closed(let end):
        if let record = open.popLast() {
          while let last = found.last, last.lowerBound >= record.start { found.removeLast() }
          found.append(record.start..<end)
        }
        scanner.stopDepth = open.last?.depth ?? 0
        if open.isEmpty { scanner = JSONTextScanner() }
        place = open.isEmpty ? next ?? text.count : end
      case .broken, .left, .opened:
        open.removeAll()
        scanner = JSONTextScanner()
        place = next ?? text.count
      case .endOfText: place = next ?? text.count
      }
    }
    return found
  }
}

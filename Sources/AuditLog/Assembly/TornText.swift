// A record that broke off, with others behind it.

/// Finds where audit events begin in text that is no JSON as a whole.
enum TornText {
  private static let beginnings = [
    Array(#"{"kind":"Event","apiVersion":"audit.k8s.io/"#.utf8),
    Array(#"{"kind":"EventList","apiVersion":"audit.k8s.io/"#.utf8),
  ]

  /// Whether text begins as the API server begins an event.
  static func beginsEvent(_ text: some Collection<UInt8>) -> Bool {
    beginnings.contains { text.starts(with: $0) }
  }

  /// The text cut in front of every event it may hold.
  ///
  /// These bytes cannot stand inside a JSON string, whose quotes are escaped.
  static func pieces(of text: [UInt8]) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    var place = 1
    while place < text.count {
      if text[place] == UInt8(ascii: "{"), beginsEvent(text[place...]) {
        pieces.append(text[start..<place])
        start = place
      }
      place += 1
    }
    pieces.append(text[start...])
    return pieces.filter { !$0.isEmpty }
  }
}

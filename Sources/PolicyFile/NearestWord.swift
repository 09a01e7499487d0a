// "Did you mean …?"

/// Finds the word that was probably meant.
enum NearestWord {
  /// The word with the fewest changed letters, if that is at most a third of them; capitals are no change.
  static func find(_ text: String, in words: [String]) -> String? {
    let wanted = Array(text.lowercased().unicodeScalars.prefix(64))
    return words.map { (word: $0, distance: distance(wanted, Array($0.lowercased().unicodeScalars))) }
      .filter { $0.distance * 3 <= max($0.word.unicodeScalars.count, wanted.count) }
      .min { $0.distance < $1.distance }?.word
  }

  /// Levenshtein's distance, with one row.
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var row = Array(0...right.count)
    for (i, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == other ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}

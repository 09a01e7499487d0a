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

  /// How many letters are to be changed, added, left out or swapped with the next (optimal string alignment).
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var before: [Int] = []
    var previous = Array(0...right.count)
    for (i, letter) in left.enumerated() {
      var row = [i + 1]
      for (j, other) in right.enumerated() {
        var distance = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (letter == other ? 0 : 1))
        if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other { distance = min(distance, before[j - 1] + 1) }
        row.append(distance)
      }
      before = previous
      previous = row
    }
    return previous[right.count]
  }
}

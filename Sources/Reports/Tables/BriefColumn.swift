// The columns of tables for people.

internal import Evaluation

/// A cell of a report for people.
struct BriefCell: Sendable, Equatable {
  var text: String
  /// Stands for the text where there is too little room for it.
  var shorter: String?
  /// Set where the text is a verdict, which is coloured.
  var verdict: Verdict?

  init(_ text: String, shorter: String? = nil, verdict: Verdict? = nil) {
    self.text = text
    self.shorter = shorter
    self.verdict = verdict
  }

  /// What service accounts have in common is the first to go.
  init(user name: String) {
    let prefix = "system:serviceaccount:"
    self.init(name, shorter: name.hasPrefix(prefix) ? "…\(name.dropFirst(prefix.count))" : nil)
  }
}

/// How a column shares the width of a terminal with the others, in columns of the terminal.
struct BriefShape: Sendable, Equatable {
  let heading: String
  /// With less room than this the column is left out.
  let minimum: Int
  let maximum: Int
  /// The share of what is left over.
  let weight: Int
  /// Columns of lower rank stay longer; 0 stays always.
  let rank: Int
}

/// A column of a report for people.
struct BriefColumn<Subject>: Sendable {
  let shape: BriefShape
  let cell: @Sendable (Subject) -> BriefCell

  /// A column as wide as its content always is.
  init(_ heading: String, width: Int, rank: Int, _ cell: @escaping @Sendable (Subject) -> BriefCell) {
    shape = BriefShape(heading: heading, minimum: width, maximum: width, weight: 0, rank: rank)
    self.cell = cell
  }

  /// A column for text of any length.
  init(
    _ heading: String,
    _ widths: ClosedRange<Int>,
    weight: Int,
    rank: Int,
    _ cell: @escaping @Sendable (Subject) -> BriefCell
  ) {
    shape = BriefShape(
      heading: heading,
      minimum: widths.lowerBound,
      maximum: widths.upperBound,
      weight: weight,
      rank: rank
    )
    self.cell = cell
  }
}

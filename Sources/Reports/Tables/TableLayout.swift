// Which columns of a table fit a terminal, and how wide they are.

/// The columns of a table that are shown, and their widths.
///
/// They are decided from the terminal's width alone: a table that is written while a log is read does not know what will
/// still come. Columns come in the order of their ranks, so that a wider terminal only ever adds some.
struct TableLayout: Equatable {
  /// Between columns.
  static let gap = 2

  /// Places of the columns that are shown, in their order, and their widths.
  let columns: [(place: Int, width: Int)]
  /// Whether cells are cut to their column's width.
  let isCut: Bool

  static func == (left: TableLayout, right: TableLayout) -> Bool {
    left.isCut == right.isCut && left.columns.elementsEqual(right.columns) { $0 == $1 }
  }

  /// Lays columns out; without a width all of them are shown, and nothing is cut.
  init(_ shapes: [BriefShape], width: Int?) {
    guard let width else {
      isCut = false
      columns = shapes.enumerated().map { (place: $0.offset, width: max($0.element.minimum, $0.element.heading.count)) }
      return
    }
    isCut = true
    var used = -Self.gap
    var shown: Set<Int> = []
    for place in shapes.indices.sorted(by: { shapes[$0].rank < shapes[$1].rank }) {
      let needed = shapes[place].minimum + Self.gap
      guard shown.isEmpty || used + needed <= width else { break }
      shown.insert(place)
      used += needed
    }
    let places = shown.sorted()
    let widths = Self.share(max(0, width - used), among: places.map { shapes[$0] })
    columns = zip(places, widths).map { (place: $0, width: min($1, max(1, width))) }
  }

  /// Widens columns by their weights until the room is used up or all are as wide as they get.
  private static func share(_ room: Int, among shapes: [BriefShape]) -> [Int] {
    var widths = shapes.map(\.minimum)
    var room = room
    while room > 0 {
      let growing = shapes.indices.filter { widths[$0] < shapes[$0].maximum && shapes[$0].weight > 0 }
      let weights = growing.reduce(0) { $0 + shapes[$1].weight }
      guard weights > 0 else { break }
      let round = room
      for place in growing where room > 0 {
        let part = max(1, round * shapes[place].weight / weights)
        let added = min(part, shapes[place].maximum - widths[place], room)
        widths[place] += added
        room -= added
      }
    }
    return widths
  }
}
